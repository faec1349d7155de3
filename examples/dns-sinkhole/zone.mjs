// The hash of a zone for the configuration of dns-sinkhole and sni-blocker: node zone.mjs ads.example
export function zoneHash(zone) {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(zone.toLowerCase())) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}

if (process.argv[2] !== undefined && import.meta.url.endsWith('zone.mjs')) console.log(zoneHash(process.argv[2]));
