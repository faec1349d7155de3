import { dispatch } from './dispatch.ts';
import { EXIT_FAILURE } from './exitCodes.ts';
import { describeFailure, exitCodeOf } from './failure.ts';
import { drained, guardOutput, outputFailure, say } from './output.ts';

/**
 * Runs the command line and ends the process. It ends by `exit`, not by running dry: a pipeline file may hold sockets and
 * timers of its own, and a stop must take effect all the same.
 */
export async function start(args: readonly string[]): Promise<never> {
  guardOutput();
  const code = await runGuarded(args);
  await drained();
  process.exit(outputFailure() ? EXIT_FAILURE : code);
}

async function runGuarded(args: readonly string[]): Promise<number> {
  try {
    return await dispatch(args);
  } catch (error) {
    say(describeFailure(error, args));
    return exitCodeOf(error);
  }
}
