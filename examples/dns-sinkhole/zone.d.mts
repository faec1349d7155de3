export function zoneHash(zone: string): number;
