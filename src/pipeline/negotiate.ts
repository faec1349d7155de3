import { OFFLOAD_CSUM, OFFLOAD_USO4, OFFLOAD_USO6 } from '../../assembly/layout.ts';

/** A port with the offloads that its device was granted, as a TUN_F_* mask. */
export interface Grant {
  readonly name: string;
  readonly offloads: number;
}

/**
 * Offloads that each port may use in this line, by name. Super-packets travel unsplit, so what a port hands us must be
 * something that each port behind its route takes. A port without a route may send anywhere, so it is bound by all.
 */
export function negotiateOffloads(
  ports: readonly Grant[],
  routes: Readonly<Record<string, string>>,
): ReadonlyMap<string, number> {
  const granted = new Map(ports.map(({ name, offloads }) => [name, offloads]));
  return new Map(
    ports.map(({ name, offloads }) => {
      const target = Object.hasOwn(routes, name) ? routes[name] : undefined;
      const accepted = target === undefined ? [...granted.values()] : [granted.get(target) ?? 0];
      return [name, consistent(accepted.reduce((mask, other) => mask & other, offloads))];
    }),
  );
}

/** The kernel takes no offload without csum, and USO only for both IP versions. */
function consistent(mask: number): number {
  if ((mask & OFFLOAD_CSUM) === 0) return 0;
  const uso = OFFLOAD_USO4 | OFFLOAD_USO6;
  return (mask & uso) === uso ? mask : mask & ~uso;
}
