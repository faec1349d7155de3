/** The command line is wrong, and this is why; exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  /** The command that was misused; empty for `tapline` itself. */
  readonly command: string;

  constructor(message: string, command = '') {
    super(message);
    this.command = command;
  }
}
