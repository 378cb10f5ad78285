import { afterAll, beforeAll, describe } from 'vitest';
import { type TestBroker, startBroker } from '../brokers/index.ts';
import type { Client, ClientKind } from '../clients/client.ts';
import { administers } from './administers.ts';
import { consumesInGroups } from './consumes-in-groups.ts';
import { producesAndReads } from './produces-and-reads.ts';
import { survivesRestarts } from './survives-restarts.ts';
import { transacts } from './transacts.ts';

/** What every part of the suite works on: valid within its tests. */
export interface Bench {
  readonly kind: ClientKind;
  readonly broker: TestBroker;
  readonly client: Client;
}

/** The whole suite, for one client on a broker of its own. */
export function conform(kind: ClientKind): void {
  describe(kind.name, () => {
    let broker: TestBroker | undefined;
    let client: Client | undefined;

    beforeAll(async () => {
      broker = await startBroker();
      client = await kind.open(broker.address);
    });

    afterAll(async () => {
      await client?.end();
      await broker?.remove();
    });

    const bench = (): Bench => {
      if (broker === undefined || client === undefined) throw new Error('expected the broker and the client to run');
      return { kind, broker, client };
    };

    producesAndReads(kind, bench);
    consumesInGroups(kind, bench);
    if (kind.hasTransactions) transacts(kind, bench);
    administers(kind, bench);
    survivesRestarts(kind, bench);
  });
}
