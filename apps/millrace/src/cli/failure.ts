/** The command failed for a reason that the person at the terminal can act on: printed without a stack. */
export class CliFailure extends Error {
  override readonly name = 'CliFailure';
  readonly exitCode: number;
  /** What a program that asked for `--json` gets; the message alone without it. */
  readonly details: unknown;

  constructor(message: string, options: { readonly exitCode?: number; readonly details?: unknown } = {}) {
    super(message);
    this.exitCode = options.exitCode ?? 1;
    this.details = options.details;
  }
}

/** Wrong use of the command line, as getopt and shells number it. */
export const EXIT_USAGE = 2;
