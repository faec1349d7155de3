import { findNamespace, runInside } from '../insideNamespace.ts';
import type { InsideMessage } from './inside.ts';

/** How the demo with devices ended: with an exit code, or because there can be none. */
export type Ending = { readonly code: number } | { readonly impossible: string };

/** Runs the demo in a network namespace of its own. */
export async function demoWithDevices(): Promise<Ending> {
  const namespace = findNamespace(['--net']);
  if ('impossible' in namespace) return namespace;
  let impossible: string | undefined;
  const code = await runInside({
    url: new URL('./inside.js', import.meta.url),
    command: namespace.command,
    title: 'the demo',
    onMessage(message) {
      ({ impossible } = message as InsideMessage);
    },
  });
  return impossible === undefined ? { code } : { impossible };
}
