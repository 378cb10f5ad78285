import { type Command, CommanderError } from 'commander';
import { messageOf } from '@millrace/std';

import { CliFailure, EXIT_USAGE } from './cli/failure.ts';
import { program } from './cli/program.ts';

export async function runMain(argv: readonly string[]): Promise<void> {
  const command = program();
  command
    .command('up')
    .description('run everything in one process: log, engine, REST, notifications and the demo')
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .action(async () => {
      // Loaded only here: a verb such as `status` should not pay for the engine.
      const { up } = await import('./up/up.ts');
      await up(argv.slice(3), process.env);
    });
  throwInsteadOfExit(command);
  // `| head` has read enough: that is the end, not a failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });

  try {
    await command.parseAsync([...argv]);
  } catch (error) {
    process.exitCode = report(error);
  }
}

function throwInsteadOfExit(command: Command): void {
  command.exitOverride();
  for (const each of command.commands) throwInsteadOfExit(each);
}

function report(error: unknown): number {
  // Commander has printed its own message already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
  if (!(error instanceof CliFailure)) {
    console.error(error instanceof Error ? error.stack : messageOf(error));
    return 1;
  }
  const asJson = process.argv.includes('--json') && error.details !== undefined;
  console.error(asJson ? JSON.stringify(error.details) : `millrace: ${error.message}`);
  return error.exitCode;
}
