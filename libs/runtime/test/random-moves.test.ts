import * as fc from 'fast-check';
import { describe, it } from 'vitest';
import { knownProcess } from '../../engine/test/support/known-path.ts';
import { randomParameters } from '../../engine/test/support/random-parameters.ts';
import type { Client } from '@millrace/client';
import { faultyClient, never } from './support/faulty-client.ts';
import { House, until } from './support/house.ts';
import { KnownRun, checkRows } from './support/known-run.ts';

const INSTANCES = 4;

/** The client of a process that dies in one of its commits: before the broker has heard of it, or before it hears the answer. */
class Mortal {
  readonly client: Client;
  isDead = false;
  #commits: number;

  constructor(client: Client, commits: number, point: 'beforeCommit' | 'afterCommit') {
    this.#commits = commits;
    this.client = faultyClient(client, { [point]: () => this.#commit() });
  }

  #commit(): Promise<never> | undefined {
    this.#commits -= 1;
    if (this.#commits !== 0) return undefined;
    this.isDead = true;
    // The partition stands in its commit for ever; the others go on, until they are fenced.
    return never();
  }
}

describe('any process whose way is known', () => {
  it('takes it while its partitions go from owner to owner, each dying in a commit or fenced while it lives', {
    timeout: 120_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(knownProcess('PT0.01S'), fc.infiniteStream(fc.nat(1_000)), async (known, choices) => {
        const choose = (among: number): number => (choices.next().value as number) % among;
        const house = await House.start({ limits: { checkpointEvents: 15 } });
        try {
          const run = await KnownRun.start(house, known, INSTANCES);
          let store = 'store';
          let owners = 0;
          const succeed = async (): Promise<Mortal> => {
            const client = house.connect(`owner-${(owners += 1)}`);
            const mortal = new Mortal(client, 1 + choose(6), choose(2) === 0 ? 'beforeCommit' : 'afterCommit');
            store = choose(3) === 0 ? `empty-${owners}` : house.storeImage(`image-${owners}`, store);
            await house.replaceRuntime({ client: mortal.client, store });
            return mortal;
          };
          let owner = await succeed();
          while (!run.isOver) {
            await until(() => owner.isDead || run.isOver || run.turn(choose));
            if (!run.isOver && (owner.isDead || choose(40) === 0)) owner = await succeed();
          }
          await run.close();
          await until(() => house.runtime.health().isReady || owner.isDead);
          store = house.storeImage('last', store);
          await house.replaceRuntime({ store });
          await checkRows(house, store, run.instanceIds);
        } finally {
          await house.end();
        }
      }),
      randomParameters(8),
    );
  });
});
