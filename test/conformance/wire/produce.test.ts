import { apis, encodeBatch, encodeControlBatch, packBatch, readBatchHeader, sealChecksum } from '@millrace/wire';
import { describe, expect, it } from 'vitest';
import { sorted } from '../suite/topics.ts';
import { nameOf, only, useWire, valuesOf } from './wire.ts';

const wire = useWire();

/** Where a batch has these, as its first 61 bytes are laid out. */
const ATTRIBUTES_AT = 21;
const LAST_OFFSET_DELTA_AT = 23;

const producer = (producerId: number, baseSequence: number, producerEpoch = 0) => ({
  producerId,
  producerEpoch,
  baseSequence,
  isTransactional: false,
});

describe('Produce', () => {
  it('refuses what is not there: UNKNOWN_TOPIC_OR_PARTITION', async () => {
    const topic = await wire().topic();
    expect(nameOf((await wire().produce('nowhere', valuesOf('v'))).errorCode)).toBe('UNKNOWN_TOPIC_OR_PARTITION');
    const elsewhere = await wire().produce(topic, valuesOf('v'), { partition: 1 });
    expect(nameOf(elsewhere.errorCode)).toBe('UNKNOWN_TOPIC_OR_PARTITION');
  });

  it('answers for each partition of its own', async () => {
    const topic = await wire().topic(2);
    const records = encodeBatch(valuesOf('v'));
    const partitions = [0, 7, 1].map((partition) => ({ partition, records }));
    const body = { acks: -1, timeoutMs: 1_000, topics: [{ name: topic, partitions }] };
    const answer = only((await wire().ask(apis.produce, 9, body)).topics).partitions;
    const found = answer.map(({ partition, errorCode, baseOffset }) => [partition, nameOf(errorCode), baseOffset]);
    expect(sorted(found)).toEqual([
      [0, 'NONE', 0],
      [1, 'NONE', 0],
      [7, 'UNKNOWN_TOPIC_OR_PARTITION', -1],
    ]);
  });

  it('knows acks 0, 1 and -1 only: INVALID_REQUIRED_ACKS', async () => {
    const topic = await wire().topic();
    const { errorCode } = await wire().produce(topic, valuesOf('v'), { acks: 2 });
    expect(nameOf(errorCode)).toBe('INVALID_REQUIRED_ACKS');
  });

  it('answers acks 0 with nothing, and goes on', async () => {
    const topic = await wire().topic();
    const topics = [{ name: topic, partitions: [{ partition: 0, records: encodeBatch(valuesOf('v')) }] }];
    wire().connection.send(apis.produce, 9, { acks: 0, timeoutMs: 1_000, topics });
    expect((await wire().produce(topic, valuesOf('v'))).baseOffset).toBe(1);
  });

  it('checks the checksum: CORRUPT_MESSAGE', async () => {
    const topic = await wire().topic();
    const batch = encodeBatch(valuesOf('v'));
    batch[batch.length - 1] = (batch.at(-1) ?? 0) ^ 1;
    expect(nameOf((await wire().produce(topic, [], { batch })).errorCode)).toBe('CORRUPT_MESSAGE');
  });

  it('takes one batch for each partition: INVALID_RECORD', async () => {
    const topic = await wire().topic();
    const batch = Buffer.concat([encodeBatch(valuesOf('a')), encodeBatch(valuesOf('b'))]);
    expect(nameOf((await wire().produce(topic, [], { batch })).errorCode)).toBe('INVALID_RECORD');
  });

  it('takes no control batch from a client: INVALID_RECORD', async () => {
    const topic = await wire().topic();
    const marker = { producerId: await wire().producerId(), producerEpoch: 0, timestamp: 0, coordinatorEpoch: 0 };
    const batch = encodeControlBatch('commit', marker);
    // A control batch alone, not of a transaction.
    batch.writeInt16BE(0x20, ATTRIBUTES_AT);
    sealChecksum(batch, 0);
    expect(nameOf((await wire().produce(topic, [], { batch })).errorCode)).toBe('INVALID_RECORD');
  });

  it('takes no batch of a transaction without its id: TRANSACTIONAL_ID_AUTHORIZATION_FAILED', async () => {
    const topic = await wire().topic();
    const transactional = { ...producer(await wire().producerId(), 0), isTransactional: true };
    const { errorCode } = await wire().produce(topic, valuesOf('v'), { producer: transactional });
    expect(nameOf(errorCode)).toBe('TRANSACTIONAL_ID_AUTHORIZATION_FAILED');
  });

  it('takes no batch whose count and last offset do not fit: INVALID_RECORD', async () => {
    const topic = await wire().topic();
    const batch = encodeBatch(valuesOf('a', 'b'));
    batch.writeInt32BE(5, LAST_OFFSET_DELTA_AT);
    sealChecksum(batch, 0);
    expect(nameOf((await wire().produce(topic, [], { batch })).errorCode)).toBe('INVALID_RECORD');
  });

  it('wants keys where a topic is compacted: INVALID_RECORD, and says which records', async () => {
    const topic = await wire().topic(1, { 'cleanup.policy': 'compact' });
    const records = [...valuesOf('a'), { timestamp: 1, value: 'keyless' }];
    const answer = await wire().produce(topic, records);
    expect(nameOf(answer.errorCode)).toBe('INVALID_RECORD');
    expect(answer.recordErrors.map(({ batchIndex }) => batchIndex)).toEqual([1]);
    expect(answer.baseOffset).toBe(-1);
  });

  it('keeps to the size that the topic allows: MESSAGE_TOO_LARGE', async () => {
    const topic = await wire().topic(1, { 'max.message.bytes': '1000' });
    expect(nameOf((await wire().produce(topic, valuesOf('x'.repeat(1_000)))).errorCode)).toBe('MESSAGE_TOO_LARGE');
    expect(nameOf((await wire().produce(topic, valuesOf('x'.repeat(800)))).errorCode)).toBe('NONE');
  });

  it('knows zstd from version 7 on: UNSUPPORTED_COMPRESSION_TYPE before', async () => {
    const topic = await wire().topic();
    const batch = packBatch(encodeBatch(valuesOf('v')), { codec: 'zstd' });
    const before = await wire().produce(topic, [], { batch, version: 6 });
    expect(nameOf(before.errorCode)).toBe('UNSUPPORTED_COMPRESSION_TYPE');
    expect(nameOf((await wire().produce(topic, [], { batch, version: 7 })).errorCode)).toBe('NONE');
  });

  it('stamps records when its topic says so', async () => {
    const topic = await wire().topic(1, { 'message.timestamp.type': 'LogAppendTime' });
    const before = Date.now();
    const { logAppendTimeMs } = await wire().produce(topic, [{ timestamp: 5, value: 'v' }]);
    expect(logAppendTimeMs).toBeGreaterThanOrEqual(before);
    const header = readBatchHeader((await wire().fetch(topic)).records ?? Buffer.alloc(0));
    expect(header).toMatchObject({ timestampType: 'LogAppendTime', maxTimestamp: logAppendTimeMs });
  });

  it('refuses times too far off: INVALID_TIMESTAMP', async () => {
    const topic = await wire().topic(1, { 'message.timestamp.before.max.ms': '1000' });
    const { errorCode } = await wire().produce(topic, [{ timestamp: Date.now() - 60_000, value: 'v' }]);
    expect(nameOf(errorCode)).toBe('INVALID_TIMESTAMP');
    expect(nameOf((await wire().produce(topic, valuesOf('now'))).errorCode)).toBe('NONE');
  });
});

describe('an idempotent producer', () => {
  it('gets the first offset again for each of its last five batches', async () => {
    const topic = await wire().topic();
    const id = await wire().producerId();
    const send = (sequence: number) => wire().produce(topic, valuesOf('v'), { producer: producer(id, sequence) });
    for (let sequence = 0; sequence < 6; sequence++) expect((await send(sequence)).baseOffset).toBe(sequence);
    for (let sequence = 1; sequence < 6; sequence++) {
      expect(await send(sequence)).toMatchObject({ errorCode: 0, baseOffset: sequence });
    }
    expect(nameOf((await send(0)).errorCode)).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER');
    expect((await wire().fetch(topic, { offset: 6 })).highWatermark).toBe(6);
  });

  it('leaves no gap: OUT_OF_ORDER_SEQUENCE_NUMBER', async () => {
    const topic = await wire().topic();
    const id = await wire().producerId();
    await wire().produce(topic, valuesOf('v'), { producer: producer(id, 0) });
    const { errorCode } = await wire().produce(topic, valuesOf('v'), { producer: producer(id, 2) });
    expect(nameOf(errorCode)).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER');
  });

  it('may begin anywhere where nobody remembers it', async () => {
    const topic = await wire().topic();
    const id = await wire().producerId();
    const { errorCode } = await wire().produce(topic, valuesOf('v'), { producer: producer(id, 77) });
    expect(nameOf(errorCode)).toBe('NONE');
  });

  it('begins at 0 with a new epoch, and cannot go back to an old one', async () => {
    const topic = await wire().topic();
    const id = await wire().producerId();
    const send = async (sequence: number, epoch: number) =>
      nameOf((await wire().produce(topic, valuesOf('v'), { producer: producer(id, sequence, epoch) })).errorCode);
    expect(await send(0, 0)).toBe('NONE');
    expect(await send(1, 1)).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER');
    expect(await send(0, 1)).toBe('NONE');
    expect(await send(1, 0)).toBe('INVALID_PRODUCER_EPOCH');
  });

  it('counts on from 0 behind the largest sequence', async () => {
    const topic = await wire().topic();
    const id = await wire().producerId();
    const send = async (values: string[], sequence: number) =>
      nameOf((await wire().produce(topic, valuesOf(...values), { producer: producer(id, sequence) })).errorCode);
    expect(await send(['a', 'b', 'c'], 2 ** 31 - 2)).toBe('NONE');
    expect(await send(['d'], 1)).toBe('NONE');
  });
});
