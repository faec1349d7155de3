import { runChild } from '../children.ts';
import { Unavailable } from '../benchCase.ts';
import { devices, inside, makeHosts, needTools, setUpDevices } from './hosts.ts';
import { type PathKind, offloadsOfBoth } from './path.ts';

/** Two veth pairs and a Linux bridge between them: what the kernel makes of it alone. */
export function bridgePath(name: string, rest: Pick<PathKind, 'least'> = {}): PathKind {
  return {
    ...{ name, canWait: false, ...rest },
    async open(context, { offloads }) {
      const both = offloadsOfBoth(offloads);
      needTools('nsenter', 'ip', ...(Object.values(both).includes('none') ? ['ethtool'] : []));
      const { signal } = context;
      const hosts = await makeHosts(context);
      // A third namespace, held by a host of its own, so that the bridge is on nobody's stack.
      const middle = await makeHosts(context).catch(async (error: unknown) => {
        await hosts.close();
        throw error;
      });
      const close = async (): Promise<void> => {
        await Promise.all([hosts.close(), middle.close()]);
      };
      const ip = async (line: string): Promise<void> => {
        await runChild(inside(middle.left, ['ip', ...line.split(' ')]), signal);
      };
      try {
        await tryFirst(() => ip('link add bridge type bridge'));
        await ip('link set bridge up');
        for (const side of ['left', 'right'] as const) {
          await ip(`link add ${side}-end type veth peer name ${side} netns ${hosts[side]}`);
          await ip(`link set ${side}-end master bridge up`);
          if (both[side] === 'none') await turnOff(middle.left, `${side}-end`, signal);
          if (both[side] === 'none') await turnOff(hosts[side], side, signal);
        }
        await setUpDevices(hosts, signal);
        await knows(hosts.left, signal);
        return { hosts, pid: undefined, relay: cannotWait, close };
      } catch (error) {
        await close();
        throw error;
      }
    },
  };
}

async function tryFirst(makeBridge: () => Promise<void>): Promise<void> {
  try {
    await makeBridge();
  } catch (error) {
    throw new Unavailable(
      `there can be no Linux bridge here: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

async function turnOff(pid: number, device: string, signal: AbortSignal): Promise<void> {
  const features = ['tso', 'gso', 'gro', 'tx'].flatMap((feature) => [feature, 'off']);
  await runChild(inside(pid, ['ethtool', '-K', device, ...features]), signal);
}

/** Lets the bridge learn where the right host is, so that nothing is flooded while it is measured. */
async function knows(left: number, signal: AbortSignal): Promise<void> {
  const { address, mac } = devices.right;
  await runChild(
    inside(left, ['ip', 'neigh', 'replace', address, 'lladdr', mac, 'dev', 'left', 'nud', 'reachable']),
    signal,
  );
}

function cannotWait(): Promise<never> {
  return Promise.reject(new Error('The kernel cannot be told to wait'));
}
