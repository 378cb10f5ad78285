import { describe, expect, it } from 'vitest';
import { until } from '../../support/until.ts';
import type { ClientKind } from '../clients/client.ts';
import type { Bench } from './conform.ts';
import { makeTopic, numbered } from './topics.ts';

const PROGRESS = 50;

export function survivesRestarts(kind: ClientKind, bench: () => Bench): void {
  describe.for(['stop', 'kill'] as const)(`survives the broker’s restart after a %s`, (end) => {
    it('while it produces and consumes in a group, without loss or repetition', { timeout: 120_000 }, async () => {
      const { broker, client } = bench();
      const topic = await makeTopic(bench(), `restarted-${end}`);
      const [strategy = 'range'] = kind.strategies;
      const member = `restarted-${end}`;
      await client.call('join', { member, group: member, topics: [topic], strategy });
      await client.call('stream', { topic });
      const seen = async (): Promise<readonly (string | null)[]> =>
        (await client.call('look', { member })).seen.map(({ value }) => value);
      await until('some to be read', async () => (await seen()).length >= PROGRESS);

      await broker[end]();
      await broker.start();
      const { length } = await seen();
      await until('more to be read', async () => (await seen()).length >= length + PROGRESS, 60_000);

      const { sent, acknowledged } = await client.call('finish', { topic });
      expect(acknowledged).toBe(sent);
      const values = numbered('', sent);
      // A client that cannot write idempotently may have repeated what it did not hear the answer to.
      const logged = async (count: number): Promise<(string | null)[]> =>
        (await client.call('read', { topic, partition: 0, from: 0, count })).map(({ value }) => value);
      if (kind.isIdempotent) expect(await logged(sent)).toEqual(values);
      await until('all to be read', async () => new Set(await seen()).size === sent, 60_000);
      expect(new Set(await seen())).toEqual(new Set(values));
      await client.call('leave', { member });
      if (kind.isIdempotent && !kind.lacks.includes('listOffsets')) {
        expect(await client.call('listOffsets', { topic, partition: 0, at: 'latest' })).toBe(sent);
      }
    });
  });
}
