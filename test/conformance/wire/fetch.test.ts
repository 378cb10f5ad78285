import { apis, batchesIn, encodeBatch, packBatch, readBatchHeader } from '@millrace/wire';
import { describe, expect, it } from 'vitest';
import { brokerKind } from '../brokers/index.ts';
import { until } from '../../support/until.ts';
import { nameOf, only, useWire, valuesOf } from './wire.ts';

const wire = useWire();

const baseOffset = (records: Buffer | null): number => readBatchHeader(records ?? Buffer.alloc(0)).baseOffset;

describe('Fetch', () => {
  it('refuses what is not there: UNKNOWN_TOPIC_OR_PARTITION', async () => {
    const topic = await wire().topic();
    expect(nameOf((await wire().fetch('nowhere')).errorCode)).toBe('UNKNOWN_TOPIC_OR_PARTITION');
    expect(nameOf((await wire().fetch(topic, { partition: 1 })).errorCode)).toBe('UNKNOWN_TOPIC_OR_PARTITION');
  });

  it.for([-1, 3])('refuses an offset that the log does not have (%i of 2): OFFSET_OUT_OF_RANGE', async (offset) => {
    const topic = await wire().topic();
    await wire().produce(topic, valuesOf('a', 'b'));
    const answer = await wire().fetch(topic, { offset });
    expect(nameOf(answer.errorCode)).toBe('OFFSET_OUT_OF_RANGE');
    expect(answer).toMatchObject({ highWatermark: -1, lastStableOffset: -1, records: Buffer.alloc(0) });
  });

  it('returns the whole batch when asked for its middle, and nothing at the end', async () => {
    const topic = await wire().topic();
    await wire().produce(topic, valuesOf('a', 'b', 'c'));
    const inside = await wire().fetch(topic, { offset: 2 });
    expect(baseOffset(inside.records)).toBe(0);
    expect(inside).toMatchObject({ errorCode: 0, highWatermark: 3, lastStableOffset: 3, logStartOffset: 0 });
    const end = await wire().fetch(topic, { offset: 3 });
    expect(end.errorCode).toBe(0);
    expect(end.records?.length ?? 0).toBe(0);
  });

  it.for([4, 9, 10])('brings zstd in version %i: clients know it that ask in one from before it', async (version) => {
    const topic = await wire().topic();
    const batch = packBatch(encodeBatch(valuesOf('v')), { codec: 'zstd' });
    await wire().produce(topic, [], { batch });
    const { errorCode, records } = await wire().fetch(topic, { version });
    expect(nameOf(errorCode)).toBe('NONE');
    expect(readBatchHeader(records ?? Buffer.alloc(0)).codec).toBe('zstd');
  });

  it('returns a first batch that is larger than the client asked for, and no second', async () => {
    const topic = await wire().topic();
    for (let index = 0; index < 2; index++) await wire().produce(topic, valuesOf('x'.repeat(5_000)));
    const { records } = await wire().fetch(topic, { partitionMaxBytes: 1 });
    const { sizeInBytes } = readBatchHeader(records ?? Buffer.alloc(0));
    expect(sizeInBytes).toBeGreaterThan(5_000);
    expect(records?.length).toBe(sizeInBytes);
  });

  it('waits for as many bytes as it was told to, or as long', async () => {
    const topic = await wire().topic();
    const waiting = wire().fetch(topic, { minBytes: 1, maxWaitMs: 60_000 });
    const other = await wire().another();
    const topics = [{ name: topic, partitions: [{ partition: 0, records: encodeBatch(valuesOf('v')) }] }];
    await other.request(apis.produce, 9, { acks: -1, timeoutMs: 1_000, topics });
    expect(await waiting).toMatchObject({ errorCode: 0 });
    expect(baseOffset((await wire().fetch(topic)).records)).toBe(0);
    const tired = await wire().fetch(topic, { offset: 1, minBytes: 1, maxWaitMs: 20 });
    expect(tired).toMatchObject({ errorCode: 0, highWatermark: 1 });
    other.close();
  });

  it('knows the epoch of the leader: UNKNOWN_LEADER_EPOCH for a later one', async () => {
    const topic = await wire().topic();
    await wire().produce(topic, valuesOf('v'));
    const later = await wire().fetch(topic, { currentLeaderEpoch: 5 });
    expect(nameOf(later.errorCode)).toBe('UNKNOWN_LEADER_EPOCH');
    expect((await wire().fetch(topic, { currentLeaderEpoch: 0 })).errorCode).toBe(0);
  });

  it('gives each batch in the codec that it has', async () => {
    const topic = await wire().topic();
    await wire().produce(topic, [], { batch: packBatch(encodeBatch(valuesOf('v')), { codec: 'zstd' }) });
    for (const version of [10, 11]) {
      const { errorCode, records } = await wire().fetch(topic, { version });
      expect(nameOf(errorCode)).toBe('NONE');
      expect(readBatchHeader(records ?? Buffer.alloc(0)).codec).toBe('zstd');
    }
  });

  it('knows no session that it did not give out: FETCH_SESSION_ID_NOT_FOUND', async () => {
    const topic = await wire().topic();
    const answer = await wire().ask(apis.fetch, 11, {
      maxWaitMs: 0,
      minBytes: 1,
      maxBytes: 1_000,
      isolationLevel: 0,
      sessionId: 4711,
      sessionEpoch: 1,
      topics: [{ name: topic, partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1_000 }] }],
      rackId: '',
    });
    expect(nameOf(answer.errorCode)).toBe('FETCH_SESSION_ID_NOT_FOUND');
  });

  it('ends at the last stable offset for read_committed, and tells what was aborted', async () => {
    const topic = await wire().topic();
    const producer = await wire().transactional();
    expect(await wire().add(producer, topic)).toBe('NONE');
    expect(await wire().write(producer, topic, 0)).toBe('NONE');
    const open = await wire().fetch(topic, { isolationLevel: 1 });
    expect(open).toMatchObject({ highWatermark: 1, lastStableOffset: 0 });
    expect(open.records?.length ?? 0).toBe(0);
    expect(await wire().end(producer, false)).toBe('NONE');
    // Kafka answers before the markers are written.
    await until('the marker', async () => (await wire().fetch(topic)).lastStableOffset === 2);
    const aborted = await wire().fetch(topic, { isolationLevel: 1 });
    expect(aborted).toMatchObject({ highWatermark: 2, lastStableOffset: 2 });
    // See differences: the data and the list, or neither.
    const [data, marker] = [...batchesIn(aborted.records ?? Buffer.alloc(0))].map(({ header }) => header);
    if (brokerKind === 'kafka') {
      expect(aborted.abortedTransactions).toEqual([{ producerId: producer.producerId, firstOffset: 0 }]);
      expect(data).toMatchObject({ isControl: false, baseOffset: 0 });
      expect(marker).toMatchObject({ isControl: true, baseOffset: 1 });
    } else {
      expect(aborted.abortedTransactions ?? []).toEqual([]);
      expect(data).toMatchObject({ isControl: true, baseOffset: 1 });
    }
    const uncommitted = await wire().fetch(topic);
    expect(uncommitted.abortedTransactions ?? []).toEqual([]);
  });

  it('gives what fits: no second partition when one fills the answer', async () => {
    const topic = await wire().topic(2);
    for (const partition of [0, 1]) await wire().produce(topic, valuesOf('x'.repeat(5_000)), { partition });
    const partitions = [0, 1].map((partition) => ({ partition, fetchOffset: 0, partitionMaxBytes: 100_000 }));
    const answer = await wire().ask(apis.fetch, 11, {
      maxWaitMs: 0,
      minBytes: 1,
      maxBytes: 100,
      isolationLevel: 0,
      topics: [{ name: topic, partitions }],
      rackId: '',
    });
    const sizes = only(answer.topics).partitions.map(({ records }) => records?.length ?? 0);
    // Which comes first is up to the broker.
    expect(sizes.filter((size) => size > 5_000)).toHaveLength(1);
    expect(sizes).toContain(0);
  });
});

describe('ListOffsets', () => {
  const at = async (
    topic: string,
    timestamp: number,
    options: { isolationLevel?: number; partition?: number } = {},
  ) => {
    const { isolationLevel = 0, partition = 0 } = options;
    const topics = [{ name: topic, partitions: [{ partition, timestamp }] }];
    return only(only((await wire().ask(apis.listOffsets, 7, { isolationLevel, topics })).topics).partitions);
  };

  it('refuses what is not there: UNKNOWN_TOPIC_OR_PARTITION', async () => {
    const topic = await wire().topic();
    expect(nameOf((await at('nowhere', -1)).errorCode)).toBe('UNKNOWN_TOPIC_OR_PARTITION');
    expect(nameOf((await at(topic, -1, { partition: 4 })).errorCode)).toBe('UNKNOWN_TOPIC_OR_PARTITION');
  });

  it('finds ends, times and the record with the largest time, with its epoch', async () => {
    const topic = await wire().topic();
    const now = Date.now();
    await wire().produce(
      topic,
      [now, now + 20, now + 10].map((timestamp) => ({ timestamp, value: 'v' })),
    );
    expect(await at(topic, -2)).toMatchObject({ errorCode: 0, offset: 0, timestamp: -1, leaderEpoch: 0 });
    expect(await at(topic, -1)).toMatchObject({ errorCode: 0, offset: 3, timestamp: -1, leaderEpoch: 0 });
    expect(await at(topic, -3)).toMatchObject({ errorCode: 0, offset: 1, timestamp: now + 20, leaderEpoch: 0 });
    expect(await at(topic, now + 5)).toMatchObject({ errorCode: 0, offset: 1, timestamp: now + 20, leaderEpoch: 0 });
    expect(await at(topic, now + 21)).toMatchObject({ errorCode: 0, offset: -1, timestamp: -1, leaderEpoch: -1 });
  });

  it('answers for an empty log', async () => {
    const topic = await wire().topic();
    expect(await at(topic, -3)).toMatchObject({ errorCode: 0, offset: -1, timestamp: -1 });
    expect(await at(topic, 0)).toMatchObject({ errorCode: 0, offset: -1, timestamp: -1 });
  });

  it('refuses a partition that is asked for twice: INVALID_REQUEST', async () => {
    const topic = await wire().topic();
    const partitions = [-1, -2].map((timestamp) => ({ partition: 0, timestamp }));
    const answer = await wire().ask(apis.listOffsets, 7, { topics: [{ name: topic, partitions }] });
    const codes = answer.topics.flatMap((each) => each.partitions.map(({ errorCode }) => nameOf(errorCode)));
    expect(new Set(codes)).toEqual(new Set(['INVALID_REQUEST']));
  });
});

describe('OffsetForLeaderEpoch', () => {
  it('ends each epoch, and knows no later one', async () => {
    const topic = await wire().topic();
    await wire().produce(topic, valuesOf('a', 'b'));
    const endOf = async (leaderEpoch: number, currentLeaderEpoch = -1) => {
      const topics = [{ name: topic, partitions: [{ partition: 0, leaderEpoch, currentLeaderEpoch }] }];
      return only(only((await wire().ask(apis.offsetForLeaderEpoch, 4, { topics })).topics).partitions);
    };
    expect(await endOf(0)).toMatchObject({ errorCode: 0, leaderEpoch: 0, endOffset: 2 });
    expect(await endOf(3)).toMatchObject({ errorCode: 0, leaderEpoch: -1, endOffset: -1 });
    expect(nameOf((await endOf(0, 9)).errorCode)).toBe('UNKNOWN_LEADER_EPOCH');
  });
});
