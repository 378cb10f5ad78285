/**
 * `npm run tck -- <directory>` runs the test cases of the DMN TCK (https://github.com/dmn-tck/tck, its folder TestCases, which is not
 * part of this project) and prints a line per folder and the total. Exits with 1 when a case fails that `out-of-reach.txt` does not
 * list, or when one passes that it lists. `--failures` prints every failure, also those.
 */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { readKnown, reportOn } from './report.ts';
import { runDirectory } from './run-directory.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    failures: { type: 'boolean', default: false },
    known: { type: 'string', default: new URL('out-of-reach.txt', import.meta.url).pathname },
  },
});
const [directory] = positionals;
if (directory === undefined) {
  console.error('expected the directory of the TCK: npm run tck -- <directory> [--failures] [--known <file>]');
  process.exit(2);
}

const outcomes = await runDirectory(directory, Date.now());
if (outcomes.length === 0) {
  console.error(`expected files with test cases in ${directory}, found none`);
  process.exit(2);
}
const known = readKnown(await readFile(values.known, 'utf8'));
const { table, failures, outdated } = reportOn(outcomes, known);
console.log(table);
const shown = values.failures ? reportOn(outcomes, new Map()).failures : failures;
if (shown.length > 0) console.log(`\nfailed:\n${shown.join('\n')}`);
if (outdated.length > 0) console.log(`\nlisted as failing, and passing:\n${outdated.join('\n')}`);
process.exitCode = failures.length > 0 || outdated.length > 0 ? 1 : 0;
