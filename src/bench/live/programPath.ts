import { setUpDevices } from './hosts.ts';
import { type PathKind, offloadsOfBoth } from './path.ts';
import { openProcessPath } from './processPath.ts';

/** TUN_F_CSUM | TSO4 | TSO6 | TSO_ECN | USO4 | USO6 of `<linux/if_tun.h>`. */
const ALL_OFFLOADS = 0x6f;

/** What is told of a relay in C. */
export interface ProgramPathOptions extends Pick<PathKind, 'least'> {
  /** Name of the C file in `bench/c`, or an absolute path; `bench/c/tun.h` describes its command line. */
  readonly program: string;
}

/** A relay in C between two TAP devices, compiled on the spot. */
export function programPath(name: string, { program, ...rest }: ProgramPathOptions): PathKind {
  return {
    ...{ name, canWait: true, ...rest },
    open(context, { offloads, count }) {
      const path = context.programs.compile(program);
      const { left: first, right: second } = offloadsOfBoth(offloads);
      const masks = [first, second].map((choice) => (choice === 'all' ? ALL_OFFLOADS : 0));
      return openProcessPath(context, {
        command: ({ left, right }) => [
          ...[path, '-o', masks.join(',')],
          ...(count === undefined ? [] : ['-c', String(count)]),
          ...[`left=${left}`, `right=${right}`],
        ],
        setUp: (hosts) => setUpDevices(hosts, context.signal),
      });
    },
  };
}
