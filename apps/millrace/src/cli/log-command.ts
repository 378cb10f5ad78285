import { type Command, InvalidArgumentError } from 'commander';

import { terminal } from './terminal.ts';

interface DumpFlags {
  readonly records?: boolean;
  readonly from?: number;
  readonly limit?: number;
  readonly json?: boolean;
}

/** The verbs that look at a data directory themselves, whether or not a server has it open. */
export function addLogVerbs(program: Command): void {
  const log = program.command('log').description('look into the files of a log, without changing them');
  const path = 'a segment (.log), the directory of a partition, or a data directory';

  log
    .command('dump')
    .argument('<path>', path)
    .description('print the batches, one a line')
    .option('--records', 'print the records of each batch, too')
    .option('--from <offset>', 'begin at the batch that holds this offset', wholeNumber)
    .option('--limit <count>', 'end after so many batches', wholeNumber)
    .option('--json', 'print JSON, one batch a line, for programs')
    .action(async (where: string, flags: DumpFlags) => {
      // Loaded only here: other verbs should not pay for the log.
      const { dump } = await import('./log-dump.ts');
      await dump(terminal(process.stdout, flags.json === true), where, flags);
    });

  log
    .command('verify')
    .argument('<path>', path)
    .description('check batches, records, offsets and indexes; exit code 1 when something is wrong')
    .option('--json', 'print JSON, one partition a line, for programs')
    .action(async (where: string, flags: { readonly json?: boolean }) => {
      const { verify } = await import('./log-verify.ts');
      if (!verify(terminal(process.stdout, flags.json === true), where)) process.exitCode = 1;
    });
}

function wholeNumber(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError('expected a whole number.');
}
