import * as fc from 'fast-check';
import { describe, it } from 'vitest';
import { SimulatedDisk } from '@millrace/testing';
import { knownProcess } from '../../engine/test/support/known-path.ts';
import { randomParameters } from '../../engine/test/support/random-parameters.ts';
import { House, until } from './support/house.ts';
import { KnownRun, checkRows } from './support/known-run.ts';

/** Of what the disk does: appends, syncs, names. Every one of them is the last of some run. */
const OPERATIONS_MAX = 120;

describe('any process whose way is known', () => {
  it('takes it while the power fails again and again at any operation of the log, and what was not synced is torn', {
    timeout: 120_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(knownProcess('PT0.01S'), fc.infiniteStream(fc.nat(1_000)), async (known, choices) => {
        const choose = (among: number): number => (choices.next().value as number) % among;
        let disk = new SimulatedDisk();
        const house = await House.start({ disk, limits: { checkpointEvents: 15 } });
        try {
          const run = await KnownRun.start(house, known, 2);
          const power = (): void => disk.crashAfter(1 + choose(OPERATIONS_MAX));
          power();
          while (!run.isOver) {
            await until(() => disk.hasCrashed || run.isOver || run.turn(choose));
            if (!disk.hasCrashed) continue;
            disk = disk.restart({
              keep: () => (choose(2) === 0 ? 'all' : 'nothing'),
              names: (count) => choose(count + 1),
            });
            await house.replaceBroker(disk);
            power();
          }
          disk.crashAfter(Number.POSITIVE_INFINITY);
          await run.close();
          await until(() => house.runtime.health().isReady);
          await checkRows(house, 'store', run.instanceIds);
        } finally {
          await house.end();
        }
      }),
      randomParameters(4),
    );
  });
});
