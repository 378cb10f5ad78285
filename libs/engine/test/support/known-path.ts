import * as fc from 'fast-check';
import { expect } from 'vitest';
import { assert } from '@millrace/std';
import { readDecisions } from '@millrace/dmn';
import { MESSAGE_TTL_MS_MAX } from '../../src/index.ts';
import { Cluster } from './cluster.ts';
import { block } from './known-blocks.ts';
import { place } from './known-place.ts';
import { KnownDriver } from './known-driver.ts';
import { randomParameters } from './random-parameters.ts';
import { type Known, KnownProcess } from './known-process.ts';

export const dmn = `<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="test">
  <decision id="Double" name="Double"><variable name="Double"/><literalExpression><text>21 * 2</text></literalExpression></decision>
</definitions>`;
const { decisions: read } = await readDecisions(dmn);
assert(read !== undefined, 'expected the decision to be read');
export const double = read;

/** A process, what must happen in it, and what has to be answered so that it does. @param wait of its timers, ISO 8601 */
export function knownProcess(wait = 'PT1S'): fc.Arbitrary<Known> {
  return block.map((body) => {
    const process = new KnownProcess('p', wait);
    return process.build(process.through(undefined, (from) => place(process, from, body, false)));
  });
}

const STEPS_MAX = 20_000;

/** Whatever order its partitions and its answers come in, the process takes the way that is known, and leaves nothing behind. */
export function checkKnownPaths(runs: number, { crashesAlways = false } = {}): void {
  fc.assert(
    fc.property(
      knownProcess(),
      fc.infiniteStream(fc.nat(1_000)),
      fc.integer({ min: 1, max: 3 }),
      (known, choices, count) => {
        const cluster = new Cluster(count);
        for (const model of known.models) cluster.install(model);
        cluster.definitions.decisions.push({ decisionId: 'Double', version: 1, model: double });
        cluster.crashesAlways = crashesAlways;
        const choose = (among: number): number => (choices.next().value as number) % among;
        cluster.pick = choose;
        const driver = new KnownDriver(known, cluster.launch('p', known.variables));
        let seen = 0;
        for (let steps = 0; !driver.isOver; steps += 1) {
          assert(steps < STEPS_MAX, 'expected the process to end');
          for (; seen < cluster.events.length; seen += 1) driver.observe(cluster.events[seen]!);
          const { ready } = driver;
          const turn = choose(8);
          if (turn === 0) cluster.takeOver(choose(count));
          else if (turn < 5 && cluster.stepOnce()) continue;
          else if (ready.length > 0) for (const ask of driver.answer(ready[choose(ready.length)]!)) cluster.send(ask);
          else if (!cluster.stepOnce()) cluster.pass(1_000);
        }
        cluster.settle();
        cluster.pass(MESSAGE_TTL_MS_MAX);
        expect(cluster.rowsWith('')).toEqual([]);
      },
    ),
    randomParameters(runs),
  );
}
