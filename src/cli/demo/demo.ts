import { EXIT_FAILURE, EXIT_OK } from '../exitCodes.ts';
import { print, say } from '../output.ts';
import { demoWithDevices } from './devices.ts';

/**
 * `tapline demo`: with devices where there can be some, in memory where not.
 *
 * @returns the exit code: 0 when every number adds up
 */
export async function demo(): Promise<number> {
  say(introduction);
  const ending = await demoWithDevices();
  if ('code' in ending) return ending.code;
  say(`No devices here: ${ending.impossible}\nThe same filters, in memory:`);
  const { demoInMemory } = await import('./memory.ts');
  const { report } = await import('./report.ts');
  const { text, holds } = report(await demoInMemory());
  print(text);
  return holds ? EXIT_OK : EXIT_FAILURE;
}

const introduction = `Two machines, and a line with three filters between them:

  left ───── firewall ─────── census ────── port-80 ───── right
  10.77.0.1  drops telnet     counts        turns 80      10.77.0.2
             and UDP port 9   protocols     into 8080
`;
