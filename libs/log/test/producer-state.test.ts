import { SimulatedDisk } from '@millrace/testing';
import { readBatchHeader } from '@millrace/wire';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { readMarker } from '../src/control-marker.ts';
import { LogDirectory } from '../src/log-directory.ts';
import { PartitionState } from '../src/partition-state.ts';
import { ProducerCount } from '../src/producer-count.ts';
import { restoreSnapshot, takeSnapshot } from '../src/producer-snapshot.ts';
import { replaceSealed } from '../src/sealed-file.ts';
import { marker, next, plain, producer, type TestProducer } from './support/batches.ts';
import { appended, client, coordinator, DIRECTORY, dropSnapshot, openPartition } from './support/partition.ts';

const SEQUENCE_MAX = 2 ** 31 - 1;

describe('an idempotent producer', () => {
  // REFERENCE §2: 13. P2.
  it('gets the original offset for each of its last five batches, and is refused with older ones', () => {
    const { log } = openPartition();
    const one = producer(1);
    const batches = Array.from({ length: 6 }, (_, index) => next(one, [`a${index}`, `b${index}`]));
    for (const batch of batches) appended(log.append(Buffer.from(batch), client));
    for (const [index, batch] of batches.entries()) {
      const result = log.append(Buffer.from(batch), client);
      if (index === 0) expect(result).toMatchObject({ error: 'OUT_OF_ORDER_SEQUENCE_NUMBER' });
      else expect(result).toMatchObject({ isDuplicate: true, baseOffset: index * 2, lastOffset: index * 2 + 1 });
    }
    expect(log.logEndOffset).toBe(12);
  });

  it('is refused with a gap, and with a batch that repeats only a part', () => {
    const { log } = openPartition();
    const one = producer(1);
    appended(log.append(next(one, ['a', 'b']), client));
    expect(log.append(next(producer(1, 0, 3), ['d']), client)).toMatchObject({ error: 'OUT_OF_ORDER_SEQUENCE_NUMBER' });
    expect(log.append(next(producer(1, 0, 0), ['a']), client)).toMatchObject({ error: 'OUT_OF_ORDER_SEQUENCE_NUMBER' });
    appended(log.append(next(one, ['c']), client));
  });

  // REFERENCE §2: 14. P3.
  it.for([
    ['a batch ends at the last sequence', SEQUENCE_MAX - 1, ['a', 'b'], 0],
    ['a batch crosses the last sequence', SEQUENCE_MAX, ['a', 'b', 'c'], 2],
  ] as const)('wraps to sequence 0 when %s', ([, first, texts, following]) => {
    const { log } = openPartition();
    const one = producer(1, 0, first);
    const batch = next(one, texts);
    appended(log.append(Buffer.from(batch), client)); // P4: unknown until now, so any sequence will do.
    expect(one.baseSequence).toBe(following);
    expect(log.append(batch, client)).toMatchObject({ isDuplicate: true, baseOffset: 0 });
    expect(appended(log.append(next(one, ['d']), client)).isDuplicate).toBe(false);
  });

  // REFERENCE §2: 15.
  it('begins a new epoch at sequence 0', () => {
    const { log } = openPartition();
    appended(log.append(next(producer(1, 0), ['a']), client));
    expect(log.append(next(producer(1, 1, 1), ['b']), client)).toMatchObject({
      error: 'OUT_OF_ORDER_SEQUENCE_NUMBER',
    });
    expect(appended(log.append(next(producer(1, 1, 0), ['b']), client)).isDuplicate).toBe(false);
  });

  // REFERENCE §2: 16.
  it('is refused with an epoch that another has superseded', () => {
    const { log } = openPartition();
    appended(log.append(next(producer(1, 2), ['a']), client));
    expect(log.append(next(producer(1, 1, 1), ['b']), client)).toMatchObject({ error: 'INVALID_PRODUCER_EPOCH' });
  });

  // P4.
  it('may go on with any sequence when it is not known', () => {
    const { log } = openPartition();
    const one = producer(1, 3, 4711);
    appended(log.append(next(one, ['a']), client));
    appended(log.append(next(one, ['b']), client));
  });

  // P1.
  it('is not changed by what was refused', () => {
    const { log } = openPartition();
    const one = producer(1);
    appended(log.append(next(one, ['a']), client));
    const before = log.producers();
    log.append(next(producer(1, 7, 5), ['x']), client);
    log.append(next(producer(1, 0, 9), ['x']), client);
    expect(log.producers()).toEqual(before);
  });

  it('is forgotten when it was silent for long, unless its transaction is open', () => {
    const { log, clock } = openPartition();
    log.append(next(producer(1), ['a']), client);
    log.append(next(producer(2), ['a'], true), client);
    clock.advance(23 * 3_600_000);
    log.append(next(producer(3), ['a']), client);
    clock.advance(2 * 3_600_000);
    log.retain();
    expect(log.producers().map(({ producerId }) => producerId)).toEqual([2, 3]);
  });

  it('is forgotten first of all when there are too many and it was silent longest (P6)', () => {
    const { producers } = new PartitionState(new ProducerCount(4));
    const producerList = Array.from({ length: 10 }, (_, id) => producer(id));
    for (const one of producerList) {
      producers.apply(readBatchHeader(next(one, ['a'])), one.producerId, 100);
      // Number 2 is never silent for long.
      producers.apply(readBatchHeader(next(producerList[2] as TestProducer, ['a'])), one.producerId, 100);
    }
    expect(Array.from(producers.entries(), ({ producerId }) => producerId).sort((a, b) => a - b)).toEqual([2, 7, 8, 9]);
  });

  it('is not forgotten while its transaction is open, however many there are (P5)', () => {
    const { producers } = new PartitionState(new ProducerCount(2));
    producers.apply(readBatchHeader(next(producer(1), ['a'], true)), 1, 100);
    for (let id = 2; id <= 5; id++) producers.apply(readBatchHeader(next(producer(id), ['a'])), id, 100);
    expect(Array.from(producers.entries(), ({ producerId }) => producerId)).toEqual([1, 5]);
  });

  it('counts for its partition only as long as that is there (P6)', async () => {
    const path = '/data';
    const directory = await LogDirectory.open({ path, disk: new SimulatedDisk(), fsync: 'never', producersMax: 2 });
    directory.createTopic({ name: 'a', partitions: 1, configs: {} });
    directory.createTopic({ name: 'b', partitions: 1, configs: {} });
    const known = (): number[] =>
      directory
        .partition('b', 0)
        ?.producers()
        .map(({ producerId }) => producerId) ?? [];
    for (const id of [1, 2]) directory.partition('a', 0)?.append(next(producer(id), ['a']), client);
    for (const id of [3, 4]) directory.partition('b', 0)?.append(next(producer(id), ['a']), client);
    expect(known()).toEqual([4]);
    directory.deleteTopic('a');
    directory.partition('b', 0)?.append(next(producer(5), ['a']), client);
    expect(known()).toEqual([4, 5]);
    await directory.close();
  });
});

describe('a transactional producer', () => {
  // REFERENCE §2: 36.
  it('is refused with a batch outside of its open transaction', () => {
    const { log } = openPartition();
    const one = producer(1);
    appended(log.append(next(one, ['a'], true), client));
    expect(log.append(next(producer(1, 0, 1), ['b']), client)).toMatchObject({ error: 'INVALID_TXN_STATE' });
    appended(log.append(marker('commit', one), coordinator));
    appended(log.append(next(one, ['b']), client));
  });

  it('goes on with its sequence behind a marker of its epoch, and at 0 behind one of a new epoch', () => {
    const { log } = openPartition();
    const one = producer(1);
    appended(log.append(next(one, ['a'], true), client));
    appended(log.append(marker('commit', one), coordinator));
    appended(log.append(next(one, ['b'], true), client));
    appended(log.append(marker('abort', producer(1, 1)), coordinator));
    expect(log.append(next(one, ['c'], true), client)).toMatchObject({ error: 'INVALID_PRODUCER_EPOCH' });
    expect(log.append(next(producer(1, 1, 2), ['c'], true), client)).toMatchObject({
      error: 'OUT_OF_ORDER_SEQUENCE_NUMBER',
    });
    appended(log.append(next(producer(1, 1, 0), ['c'], true), client));
  });

  it('has markers of a superseded epoch or coordinator refused', () => {
    const { log } = openPartition();
    const one = producer(1, 5);
    appended(log.append(next(one, ['a'], true), client));
    appended(log.append(marker('commit', one, 8), coordinator));
    expect(log.append(marker('abort', one, 7), coordinator)).toMatchObject({ error: 'TRANSACTION_COORDINATOR_FENCED' });
    expect(log.append(marker('abort', producer(1, 4), 8), coordinator)).toMatchObject({
      error: 'INVALID_PRODUCER_EPOCH',
    });
    appended(log.append(marker('abort', one, 8), coordinator));
  });

  it('has offsets written on its behalf outside of its sequence', () => {
    const { log } = openPartition();
    const one = producer(1);
    appended(log.append(next(one, ['a'], true), client));
    appended(log.append(next(producer(1, 0, -1), ['offset'], true), coordinator));
    appended(log.append(next(one, ['b'], true), client));
    expect(log.producers()).toMatchObject([{ lastSequence: 1, currentTransactionStartOffset: 0 }]);
  });
});

describe('producer state', () => {
  interface Step {
    readonly kind: 'data' | 'transactional' | 'commit' | 'abort' | 'retry';
    readonly id: number;
    readonly bump: boolean;
    readonly count: number;
    readonly firstSequence: number;
  }
  const step: fc.Arbitrary<Step> = fc.record({
    kind: fc.constantFrom('data', 'transactional', 'transactional', 'commit', 'abort', 'retry'),
    id: fc.integer({ min: 1, max: 3 }),
    bump: fc.boolean(),
    count: fc.integer({ min: 1, max: 4 }),
    firstSequence: fc.constantFrom(0, 5, SEQUENCE_MAX - 1, SEQUENCE_MAX),
  });

  /** What the log holds after the steps, as a live log has admitted it. */
  function batchesOf(steps: readonly Step[]): Buffer[] {
    const { log } = openPartition({ fsync: 'never' });
    const producers = new Map<number, ReturnType<typeof producer>>();
    const last = new Map<number, Buffer>();
    for (const { kind, id, bump, count, firstSequence } of steps) {
      let one = producers.get(id) ?? producer(id, 0, firstSequence);
      if (bump && kind !== 'retry') one = producer(id, one.producerEpoch + 1);
      const texts = Array.from({ length: count }, (_, index) => `${index}`);
      const isMarker = kind === 'commit' || kind === 'abort';
      const sent =
        kind === 'retry' ? last.get(id) : isMarker ? marker(kind, one) : next(one, texts, kind === 'transactional');
      if (sent === undefined) continue;
      const result = log.append(Buffer.from(sent), isMarker ? coordinator : client);
      if (result.error !== undefined) continue;
      producers.set(id, one);
      if (!isMarker) last.set(id, sent);
    }
    const read = log.read(0, 1e9, { isolation: 'read_uncommitted', atLeastOne: true });
    return read.error === undefined ? [...read.chunks] : [];
  }

  function applyAll(state: PartitionState, batches: readonly Buffer[]): PartitionState {
    for (const batch of batches) {
      const header = readBatchHeader(batch);
      state.apply(header, header.baseOffset, header.isControl ? readMarker(batch) : undefined, 1);
    }
    return state;
  }

  // REFERENCE §2: 44. P1.
  it('is the same from a snapshot anywhere and replay of the rest as from the whole log', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.nat(), (steps, cut) => {
        const batches = batchesOf(steps);
        const at = batches.length === 0 ? 0 : cut % (batches.length + 1);
        const live = applyAll(new PartitionState(), batches);

        const before = applyAll(new PartitionState(), batches.slice(0, at));
        const stored: unknown = JSON.parse(JSON.stringify(takeSnapshot(before.producers, at)));
        const replayed = new PartitionState();
        expect(restoreSnapshot(replayed.producers, stored)).toBe(true);
        replayed.restoreTransactions();
        applyAll(replayed, batches.slice(at));

        expect(takeSnapshot(replayed.producers, 0)).toEqual(takeSnapshot(live.producers, 0));
        // Above every marker, so that only open transactions count: ended ones settle once durable.
        for (const state of [live, replayed]) state.unstable.settle(Number.POSITIVE_INFINITY);
        expect(replayed.unstable.firstOffset).toBe(live.unstable.firstOffset);
        for (const entry of live.producers.entries()) {
          expect(entry.batches.length).toBeLessThanOrEqual(5);
        }
      }),
    );
  });

  it('is taken from the file in which older versions kept it, until the next checkpoint has it', async () => {
    const config = { segmentBytes: 200 };
    const { log, disk } = openPartition({ config });
    const one = producer(1);
    for (const text of 'abcdef') appended(log.append(next(one, [text]), client));
    await log.sync();
    log.deleteRecords(6);
    await log.close();
    const file = '00000000000000000006.snapshot';
    replaceSealed(disk, `${DIRECTORY}/${file}`, dropSnapshot(disk));
    for (const isKept of [true, true, false]) {
      const { log: reopened } = openPartition({ disk, config });
      expect(disk.list(DIRECTORY).includes(file)).toBe(isKept);
      // Its records are gone: only the snapshot tells of it.
      expect(reopened.append(next(producer(1, 0, 1), ['b']), client)).toMatchObject({
        isDuplicate: true,
        baseOffset: 1,
      });
      if (reopened.logEndOffset === 6) appended(reopened.append(plain('g'), client));
      else await reopened.checkpoint();
    }
  });

  it('is not taken from a snapshot of another version', () => {
    const { producers } = new PartitionState();
    expect(restoreSnapshot(producers, { version: 99, offset: 0, producers: [] })).toBe(false);
  });
});
