import { describe, expect, it } from 'vitest';
import { until } from '../../support/until.ts';
import { brokerKind } from '../brokers/index.ts';
import { ClientError, type Client, type ClientKind } from '../clients/client.ts';
import { kafkajs } from '../clients/kafkajs.ts';
import type { Bench } from './conform.ts';
import { makeTopic, numbered, recordsOf, sorted } from './topics.ts';

const COPIED = 200;
/** INVALID_PRODUCER_EPOCH, INVALID_TXN_STATE, PRODUCER_FENCED: which of them, depends on the version that a client speaks. */
const fencedCodes = [47, 48, 90];

export function transacts(kind: ClientKind, bench: () => Bench): void {
  describe('transacts', () => {
    const send = (client: Client, producer: string, topic: string, ...values: string[]): Promise<null> =>
      client.call('send', { producer, topic, partition: 0, values });
    const readBy = async (
      client: Client,
      topic: string,
      count: number,
      committed = true,
    ): Promise<(string | null)[]> => {
      const seen = await client.call('read', { topic, partition: 0, from: 0, count, committed });
      return seen.map(({ value }) => value);
    };
    const read = (topic: string, count: number, committed = true): Promise<(string | null)[]> =>
      readBy(bench().client, topic, count, committed);
    /** The built-in broker leaves out what was aborted, for all clients; on Kafka they have to do it themselves. */
    const seesAborted = brokerKind === 'kafka' && !kind.filtersAborted;
    /** By a client that reads it right. */
    const readRight = async (topic: string, count: number): Promise<(string | null)[]> => {
      if (!seesAborted) return read(topic, count);
      const other = await kafkajs.open(bench().broker.address);
      const seen = await readBy(other, topic, count);
      await other.end();
      return seen;
    };

    it('so that read_committed shows what was committed, and read_uncommitted all', async () => {
      const { client } = bench();
      const topic = await makeTopic(bench(), 'outcomes');
      const producer = 'outcomes';
      await client.call('open', { producer, transactionalId: producer });
      for (const [round, end] of (['commit', 'abort', 'abort', 'commit'] as const).entries()) {
        await client.call('begin', { producer });
        await send(client, producer, topic, `${end} ${round} a`, `${end} ${round} b`);
        await client.call(end, { producer });
      }
      await client.call('close', { producer });
      const committed = ['commit 0 a', 'commit 0 b', 'commit 3 a', 'commit 3 b'];
      expect(await readRight(topic, 4)).toEqual(committed);
      const aborted = ['abort 1 a', 'abort 1 b', 'abort 2 a', 'abort 2 b'];
      const all = [...committed.slice(0, 2), ...aborted, ...committed.slice(2)];
      expect(await read(topic, 8, false)).toEqual(all);
      if (seesAborted) expect(await read(topic, 4)).toEqual(all.slice(0, 4));
    });

    it('over several partitions and topics at once', async () => {
      const { client } = bench();
      const topics = [await makeTopic(bench(), 'wide-a', 2), await makeTopic(bench(), 'wide-b', 2)];
      const producer = 'wide';
      await client.call('open', { producer, transactionalId: producer });
      for (const end of ['abort', 'commit'] as const) {
        await client.call('begin', { producer });
        for (const topic of topics) {
          for (const partition of [0, 1]) await client.call('send', { producer, topic, partition, values: [end] });
        }
        await client.call(end, { producer });
      }
      await client.call('close', { producer });
      for (const topic of topics) {
        for (const partition of [0, 1]) {
          const seen = await client.call('read', { topic, partition, from: 0, count: 1, committed: true });
          expect(seen).toMatchObject([{ value: 'commit', offset: 2 }]);
        }
      }
    });

    it('with what lies behind an open one hidden until its end', async () => {
      const { client } = bench();
      const topic = await makeTopic(bench(), 'held');
      await client.call('produce', { topic, records: recordsOf(['in front']) });
      await client.call('open', { producer: 'holder', transactionalId: 'holder' });
      await client.call('begin', { producer: 'holder' });
      await send(client, 'holder', topic, 'mine');
      await client.call('produce', { topic, records: recordsOf(['behind']) });
      expect(await read(topic, 3, false)).toEqual(['in front', 'mine', 'behind']);
      expect(await read(topic, 1)).toEqual(['in front']);
      await client.call('abort', { producer: 'holder' });
      await client.call('close', { producer: 'holder' });
      expect(await read(topic, 2)).toEqual(['in front', 'behind']);
    });

    it('until another producer takes its transactional id over', async () => {
      const { client } = bench();
      const topic = await makeTopic(bench(), 'fenced');
      await client.call('open', { producer: 'zombie', transactionalId: 'one-of-us' });
      await client.call('begin', { producer: 'zombie' });
      await send(client, 'zombie', topic, 'zombie');
      await client.call('open', { producer: 'successor', transactionalId: 'one-of-us' });
      await client.call('begin', { producer: 'successor' });
      await send(client, 'successor', topic, 'mine');
      await client.call('commit', { producer: 'successor' });
      await expectFenced(client.call('commit', { producer: 'zombie' }));
      expect(await read(topic, 1)).toEqual(['mine']);
      for (const producer of ['zombie', 'successor']) await client.call('close', { producer });
    });

    it('for no longer than its timeout', async () => {
      const { client } = bench();
      const topic = await makeTopic(bench(), 'late');
      await client.call('open', { producer: 'late', transactionalId: 'late', timeoutMs: 1_000 });
      await client.call('begin', { producer: 'late' });
      await send(client, 'late', topic, 'too late');
      await client.call('produce', { topic, records: recordsOf(['behind']) });
      expect(await read(topic, 1)).toEqual(['behind']);
      await expectFenced(client.call('commit', { producer: 'late' }));
      await client.call('close', { producer: 'late' });
    });

    if (!kind.lacks.includes('copy')) {
      it('consumes, processes and produces exactly once, with some transactions aborted', async () => {
        const { client } = bench();
        const source = await makeTopic(bench(), 'source', 2);
        const target = await makeTopic(bench(), 'target');
        const values = numbered('copied with some length to it ', COPIED);
        // In several batches, as one is never taken apart.
        for (let at = 0; at < COPIED; at += 20) {
          await client.call('produce', { topic: source, records: recordsOf(values.slice(at, at + 20), 2) });
        }
        const args = { source, target, group: 'copier', transactionalId: 'copier', count: COPIED, abortEvery: 3 };
        const { committed, aborted } = await client.call('copy', args);
        expect(committed).toBe(COPIED);
        expect(aborted).toBeGreaterThan(0);
        await client.call('produce', { topic: target, records: recordsOf(['end']) });
        expect(sorted(await readRight(target, COPIED + 1))).toEqual(sorted([...values, 'end']));
        if (kind.lacks.includes('groupOffsets')) return;
        const offsets = await until('the offsets', () => client.call('groupOffsets', { group: 'copier' }));
        expect(sorted(offsets)).toEqual([
          [source, 0, COPIED / 2],
          [source, 1, COPIED / 2],
        ]);
      });
    }
  });
}

async function expectFenced(ending: Promise<unknown>): Promise<void> {
  const error = await ending.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ClientError);
  expect(fencedCodes).toContain((error as ClientError).code);
}
