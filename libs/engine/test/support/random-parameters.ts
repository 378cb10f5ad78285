import { randomInt } from 'node:crypto';
import * as fc from 'fast-check';

/** Of the runs of every build: what they find wrong, the change before them has done. `npm run test:random` draws another each time. */
const SEED = 1;

/** What a random test takes from the environment: RANDOM_SEED (`any` draws one), RANDOM_PATH, RANDOM_RUNS. The seed is printed. */
export function randomParameters<Values>(runs: number): fc.Parameters<Values> {
  const { RANDOM_SEED = SEED, RANDOM_PATH: path, RANDOM_RUNS } = process.env;
  const seed = RANDOM_SEED === 'any' ? randomInt(2 ** 31) : Number(RANDOM_SEED);
  console.log(`RANDOM_SEED=${seed}`);
  const numRuns = RANDOM_RUNS === undefined ? runs : Number(RANDOM_RUNS);
  return { numRuns, seed, reporter, ...(path === undefined ? undefined : { path }) };
}

/** A failure begins with the words that repeat it, to be put before the command that ran the test. */
function reporter<Values>(details: fc.RunDetails<Values>): void {
  if (!details.failed) return;
  const again = `RANDOM_SEED=${details.seed} RANDOM_PATH=${details.counterexamplePath ?? ''}`;
  throw new Error(`${again} repeats it\n${fc.defaultReportMessage(details)}`, { cause: details.errorInstance });
}
