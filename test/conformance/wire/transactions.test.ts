import { apis } from '@millrace/wire';
import { describe, expect, it } from 'vitest';
import { until } from '../../support/until.ts';
import { nameOf, only, type TransactionalProducer, useWire, valuesOf } from './wire.ts';

const wire = useWire();

const init = (transactionalId: string | null, transactionTimeoutMs = 60_000) =>
  wire().ask(apis.initProducerId, 4, { transactionalId, transactionTimeoutMs });

describe('InitProducerId', () => {
  it('gives each idempotent producer an id of its own', async () => {
    const ids = [await wire().producerId(), await wire().producerId()];
    expect(new Set(ids).size).toBe(2);
  });

  it('keeps the id of a transactional id, and raises its epoch', async () => {
    const { transactionalId, producerId, producerEpoch } = await wire().transactional();
    const again = await init(transactionalId);
    expect(again).toMatchObject({ errorCode: 0, producerId, producerEpoch: producerEpoch + 1 });
  });

  it('refuses what makes no sense: INVALID_TRANSACTION_TIMEOUT, INVALID_REQUEST', async () => {
    const { transactionalId } = await wire().transactional();
    expect(nameOf((await init(transactionalId, 16 * 60_000)).errorCode)).toBe('INVALID_TRANSACTION_TIMEOUT');
    expect(nameOf((await init(transactionalId, 0)).errorCode)).toBe('INVALID_TRANSACTION_TIMEOUT');
    expect(nameOf((await init('')).errorCode)).toBe('INVALID_REQUEST');
  });

  it('aborts what an earlier producer of the same id left open', async () => {
    const topic = await wire().topic();
    const producer = await wire().transactional();
    await wire().add(producer, topic);
    expect(await wire().write(producer, topic, 0)).toBe('NONE');
    const next = await until('the new epoch', async () => {
      const answer = await init(producer.transactionalId);
      return answer.errorCode === 0 && answer;
    });
    expect(next.producerEpoch).toBeGreaterThan(producer.producerEpoch);
    await until('the marker', async () => (await wire().fetch(topic)).lastStableOffset === 2);
    expect(await wire().write(producer, topic, 1)).toBe('INVALID_PRODUCER_EPOCH');
    expect(await wire().end(producer, true)).toBe('PRODUCER_FENCED');
  });
});

describe('AddPartitionsToTxn', () => {
  it('knows ids and epochs: INVALID_PRODUCER_ID_MAPPING, PRODUCER_FENCED', async () => {
    const topic = await wire().topic();
    const producer = await wire().transactional();
    expect(await wire().add({ ...producer, producerId: 987_654 }, topic)).toBe('INVALID_PRODUCER_ID_MAPPING');
    expect(await wire().add({ ...producer, producerEpoch: 30 }, topic)).toBe('PRODUCER_FENCED');
    expect(await wire().add({ ...producer, transactionalId: 'unheard-of' }, topic)).toBe('INVALID_PRODUCER_ID_MAPPING');
  });

  it('adds all or nothing: OPERATION_NOT_ATTEMPTED beside UNKNOWN_TOPIC_OR_PARTITION', async () => {
    const topic = await wire().topic();
    const producer = await wire().transactional();
    const topics = [topic, 'nowhere'].map((name) => ({ name, partitions: [0] }));
    const answer = await wire().ask(apis.addPartitionsToTxn, 3, { ...producer, topics });
    const found = answer.topics.map(({ name, partitions }) => [name, nameOf(only(partitions).errorCode)]);
    expect(Object.fromEntries(found)).toEqual({
      [topic]: 'OPERATION_NOT_ATTEMPTED',
      nowhere: 'UNKNOWN_TOPIC_OR_PARTITION',
    });
    expect(await wire().write(producer, topic, 0)).toBe('INVALID_TXN_STATE');
  });
});

describe('EndTxn', () => {
  it('may be repeated, as long as it says the same', async () => {
    const topic = await wire().topic();
    const producer = await wire().transactional();
    await wire().add(producer, topic);
    await wire().write(producer, topic, 0);
    expect(await endAtLast(producer, true)).toBe('NONE');
    expect(await endAtLast(producer, true)).toBe('NONE');
    expect(await endAtLast(producer, false)).toBe('INVALID_TXN_STATE');
  });

  it('needs a transaction: INVALID_TXN_STATE', async () => {
    const producer = await wire().transactional();
    expect(await wire().end(producer, true)).toBe('INVALID_TXN_STATE');
  });

  it('calls a fenced producer by the name that its version knows', async () => {
    const topic = await wire().topic();
    const producer = await wire().transactional();
    await wire().add(producer, topic);
    const old = { ...producer, producerEpoch: 31 };
    expect(await wire().end(old, true, 1)).toBe('INVALID_PRODUCER_EPOCH');
    expect(await wire().end(old, true, 3)).toBe('PRODUCER_FENCED');
  });

  /** Until the markers of the one before are written. */
  async function endAtLast(producer: TransactionalProducer, committed: boolean): Promise<string> {
    return until('an end', async () => {
      const found = await wire().end(producer, committed);
      return found !== 'CONCURRENT_TRANSACTIONS' && found;
    });
  }
});

describe('records of a transaction', () => {
  it('go to partitions that were added to it: INVALID_TXN_STATE', async () => {
    const topic = await wire().topic(2);
    const producer = await wire().transactional();
    await wire().add(producer, topic);
    const { transactionalId, ...batch } = { ...producer, baseSequence: 0, isTransactional: true };
    const options = { transactionalId, producer: batch, partition: 1 };
    expect(nameOf((await wire().produce(topic, valuesOf('v'), options)).errorCode)).toBe('INVALID_TXN_STATE');
  });

  it('are not mixed with others of their producer: INVALID_TXN_STATE', async () => {
    const topic = await wire().topic();
    const producer = await wire().transactional();
    await wire().add(producer, topic);
    expect(await wire().write(producer, topic, 0)).toBe('NONE');
    const { producerId, producerEpoch } = producer;
    const plain = { producer: { producerId, producerEpoch, baseSequence: 1, isTransactional: false } };
    expect(nameOf((await wire().produce(topic, valuesOf('v'), plain)).errorCode)).toBe('INVALID_TXN_STATE');
  });
});

describe('offsets in a transaction', () => {
  const commitOffsets = async (
    producer: TransactionalProducer,
    groupId: string,
    topic: string,
    member: { memberId: string; generationId: number } = { memberId: '', generationId: -1 },
  ) => {
    const partitions = [{ partition: 0, committedOffset: 7, committedMetadata: null }];
    const body = { ...producer, ...member, groupId, topics: [{ name: topic, partitions }] };
    const answer = await wire().ask(apis.txnOffsetCommit, 3, body);
    return nameOf(only(only(answer.topics).partitions).errorCode);
  };
  const committed = async (groupId: string, topic: string, requireStable = false) => {
    const topics = [{ name: topic, partitions: [0] }];
    const answer = await wire().ask(apis.offsetFetch, 7, { groupId, topics, requireStable });
    const { errorCode, committedOffset } = only(only(answer.topics).partitions);
    return errorCode === 0 ? committedOffset : nameOf(errorCode);
  };

  it('count when it is committed, and are unstable until then', async () => {
    const topic = await wire().topic();
    const groupId = await wire().group();
    const producer = await wire().transactional();
    const added = await wire().ask(apis.addOffsetsToTxn, 3, { ...producer, groupId });
    expect(nameOf(added.errorCode)).toBe('NONE');
    expect(await commitOffsets(producer, groupId, topic)).toBe('NONE');
    expect(await committed(groupId, topic)).toBe(-1);
    expect(await committed(groupId, topic, true)).toBe('UNSTABLE_OFFSET_COMMIT');
    expect(await wire().end(producer, true)).toBe('NONE');
    await until('the offset', async () => (await committed(groupId, topic, true)) === 7);
  });

  it('count for nothing when it is aborted', async () => {
    const topic = await wire().topic();
    const groupId = await wire().group();
    const producer = await wire().transactional();
    await wire().ask(apis.addOffsetsToTxn, 3, { ...producer, groupId });
    expect(await commitOffsets(producer, groupId, topic)).toBe('NONE');
    expect(await wire().end(producer, false)).toBe('NONE');
    await until('the end', async () => (await committed(groupId, topic, true)) === -1);
  });

  it('come from members of the group: UNKNOWN_MEMBER_ID, ILLEGAL_GENERATION', async () => {
    const topic = await wire().topic();
    const groupId = await wire().group();
    const producer = await wire().transactional();
    await wire().ask(apis.addOffsetsToTxn, 3, { ...producer, groupId });
    const stranger = { memberId: 'stranger', generationId: 3 };
    const found = await commitOffsets(producer, groupId, topic, stranger);
    expect(['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION']).toContain(found);
  });
});

describe('looking at transactions', () => {
  it('describes and lists them by their state', async () => {
    const topic = await wire().topic();
    const producer = await wire().transactional();
    await wire().add(producer, topic);
    const describeOne = async (transactionalId: string) => {
      const answer = await wire().ask(apis.describeTransactions, 0, { transactionalIds: [transactionalId] });
      return only(answer.transactionStates);
    };
    expect(await describeOne(producer.transactionalId)).toMatchObject({
      errorCode: 0,
      transactionState: 'Ongoing',
      producerId: producer.producerId,
      producerEpoch: producer.producerEpoch,
      transactionTimeoutMs: 60_000,
      topics: [{ topic, partitions: [0] }],
    });
    expect(nameOf((await describeOne('unheard-of')).errorCode)).toBe('TRANSACTIONAL_ID_NOT_FOUND');
    const ongoing = await wire().ask(apis.listTransactions, 0, { stateFilters: ['Ongoing'], producerIdFilters: [] });
    expect(ongoing.transactionStates.map(({ transactionalId }) => transactionalId)).toContain(producer.transactionalId);
    const odd = await wire().ask(apis.listTransactions, 0, { stateFilters: ['Odd'], producerIdFilters: [] });
    expect(odd).toMatchObject({ unknownStateFilters: ['Odd'], transactionStates: [] });
  });

  it('describes the producers of a partition', async () => {
    const topic = await wire().topic();
    const producer = await wire().transactional();
    await wire().add(producer, topic);
    await wire().write(producer, topic, 0);
    const topics = [{ name: topic, partitions: [0] }];
    const answer = await wire().ask(apis.describeProducers, 0, { topics });
    expect(only(only(only(answer.topics).partitions).activeProducers)).toMatchObject({
      producerId: producer.producerId,
      producerEpoch: producer.producerEpoch,
      lastSequence: 0,
      currentTransactionStartOffset: 0,
    });
  });
});
