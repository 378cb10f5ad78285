import { errors } from '@millrace/wire';
import { describe, expect, it } from 'vitest';
import { TransactionBench } from './transaction-bench.ts';

describe('adding partitions', () => {
  it('opens a transaction, and appends nothing when they are in it already', () => {
    const bench = new TransactionBench();
    const producer = bench.init();
    expect(bench.verify(producer)).toBe('INVALID_TXN_STATE');
    expect(bench.add(producer)).toBe(0);
    expect(bench.verify(producer)).toBeNull();
    const { length } = bench.log;
    expect(bench.add(producer)).toBe(0);
    expect(bench.log).toHaveLength(length);
    expect(bench.verify(producer, 'other')).toBe('INVALID_TXN_STATE');
  });

  it('C1: is answered when it is durable', () => {
    const bench = new TransactionBench();
    const producer = bench.init();
    bench.isSyncHeld = true;
    const token = bench.sendAdd(producer);
    expect(bench.hasAnswer(token)).toBe(false);
    bench.becomeDurable();
    expect(bench.added(token)).toBe(0);
  });

  it('attempts none when one does not exist', () => {
    const bench = new TransactionBench();
    const producer = bench.init();
    const caller = bench.caller(3);
    const { producerId, producerEpoch } = producer;
    const topics = [
      { name: 't', partitions: [0] },
      { name: 'missing', partitions: [0] },
    ];
    bench.run((transactions) =>
      transactions.addPartitionsToTxn({ transactionalId: 'x', producerId, producerEpoch, topics }, caller, bench.now),
    );
    expect(bench.answers.get(caller.to)).toEqual({
      topics: [
        { name: 't', partitions: [{ partition: 0, errorCode: errors.OPERATION_NOT_ATTEMPTED.code }] },
        { name: 'missing', partitions: [{ partition: 0, errorCode: errors.UNKNOWN_TOPIC_OR_PARTITION.code }] },
      ],
    });
    expect(bench.verify(producer)).toBe('INVALID_TXN_STATE');
  });

  it('pitfall 16: calls a stale epoch PRODUCER_FENCED, by its older name up to version 1 and on the data path', () => {
    const bench = new TransactionBench();
    const old = bench.init();
    bench.init();
    expect(bench.add(old)).toBe(errors.PRODUCER_FENCED.code);
    expect(bench.add(old, 't', 1)).toBe(errors.INVALID_PRODUCER_EPOCH.code);
    expect(bench.end(old, true)).toBe(errors.PRODUCER_FENCED.code);
    expect(bench.end(old, true, 1)).toBe(errors.INVALID_PRODUCER_EPOCH.code);
    expect(bench.addOffsets(old)).toBe(errors.PRODUCER_FENCED.code);
    expect(bench.verify(old)).toBe('INVALID_PRODUCER_EPOCH');
  });

  it('does not know a producer of another id', () => {
    const bench = new TransactionBench();
    const stranger = { producerId: 99, producerEpoch: 0 };
    const code = errors.INVALID_PRODUCER_ID_MAPPING.code;
    expect(bench.add(stranger)).toBe(code);
    bench.init();
    expect(bench.add(stranger)).toBe(code);
    expect(bench.end(stranger, true)).toBe(code);
    expect(bench.verify(stranger)).toBe('INVALID_PRODUCER_ID_MAPPING');
  });

  it('pitfall 35: takes in the partition of a group, whatever that group is doing', () => {
    const bench = new TransactionBench();
    const producer = bench.init();
    expect(bench.addOffsets(producer)).toBe(0);
    expect(bench.verify(producer, '__consumer_offsets')).toBeNull();
    bench.sendEnd(producer, true);
    expect(bench.writeMarkers()).toMatchObject([{ partitions: [{ topic: '__consumer_offsets', partition: 0 }] }]);
  });
});

describe('ending', () => {
  it('T1: asks for markers when the decision is durable, and answers when they are written', () => {
    const bench = new TransactionBench();
    const producer = bench.init();
    bench.add(producer);
    bench.add(producer, 'u');
    bench.isSyncHeld = true;
    const token = bench.sendEnd(producer, true);
    expect(bench.markers).toEqual([]);
    bench.becomeDurable();
    const { producerId, producerEpoch } = producer;
    expect(bench.markers).toEqual([
      {
        kind: 'writeMarkers',
        transactionalId: 'x',
        producerId,
        producerEpoch,
        result: 'commit',
        coordinatorEpoch: 3,
        partitions: [
          { topic: 't', partition: 0 },
          { topic: 'u', partition: 0 },
        ],
      },
    ]);
    expect(bench.hasAnswer(token)).toBe(false);
    // The Complete record need not be durable for that.
    bench.writeMarkers();
    expect(bench.ended(token)).toBe(0);
  });

  it('pitfall 33: gives a repeated request the same answer, and refuses the opposite', () => {
    const bench = new TransactionBench();
    const producer = bench.init();
    for (const committed of [true, false]) {
      bench.add(producer);
      const [first, second] = [bench.sendEnd(producer, committed), bench.sendEnd(producer, committed)];
      expect(bench.end(producer, !committed)).toBe(errors.INVALID_TXN_STATE.code);
      expect([bench.ended(first), bench.ended(second)]).toEqual([0, 0]);
      expect(bench.end(producer, committed)).toBe(0);
      expect(bench.end(producer, !committed)).toBe(errors.INVALID_TXN_STATE.code);
    }
  });

  it('refuses to end what was never opened', () => {
    const bench = new TransactionBench();
    expect(bench.end(bench.init(), true)).toBe(errors.INVALID_TXN_STATE.code);
  });

  it('T2: lets the next transaction wait until this one has its markers', () => {
    const bench = new TransactionBench();
    const producer = bench.init();
    bench.add(producer);
    bench.sendEnd(producer, true);
    const next = bench.sendAdd(producer);
    expect(bench.verify(producer)).toBe('INVALID_TXN_STATE');
    expect(bench.hasAnswer(next)).toBe(false);
    bench.writeMarkers();
    expect(bench.added(next)).toBe(0);
    expect(bench.verify(producer)).toBeNull();
  });

  it('T2: does not take an outdated report for the end of the next transaction', () => {
    const bench = new TransactionBench();
    const producer = bench.init();
    bench.add(producer);
    bench.sendEnd(producer, true);
    const [outdated] = bench.writeMarkers();
    bench.add(producer);
    bench.run((transactions) => transactions.markersWritten(outdated!, bench.now));
    expect(bench.verify(producer)).toBeNull();
  });

  it('bounds how many requests wait, and for how long', () => {
    const bench = new TransactionBench({ waitingMax: 2, waitMsMax: 1_000 });
    const producer = bench.init();
    bench.add(producer);
    const ending = bench.sendEnd(producer, true);
    const next = bench.sendAdd(producer);
    expect(bench.add(producer)).toBe(errors.CONCURRENT_TRANSACTIONS.code);
    bench.advance(1_000);
    // The end is decided and durable: that is what the producer asked for.
    expect(bench.ended(ending)).toBe(0);
    expect(bench.added(next)).toBe(errors.CONCURRENT_TRANSACTIONS.code);
    bench.writeMarkers();
    expect(bench.add(producer)).toBe(0);
  });

  it('writes markers again when they failed, and needs none where the topic is gone', () => {
    const bench = new TransactionBench({ markerRetryMs: 500 });
    const producer = bench.init();
    bench.add(producer);
    bench.add(producer, 'u');
    const token = bench.sendEnd(producer, true);
    const [effect] = bench.markers.splice(0);
    bench.run((transactions) => transactions.markersFailed(effect!, bench.now));
    bench.deleted.add('u');
    bench.advance(500);
    expect(bench.writeMarkers()).toMatchObject([{ partitions: [{ topic: 't', partition: 0 }] }]);
    expect(bench.ended(token)).toBe(0);
  });

  it('needs no markers at all when every topic is gone', () => {
    const bench = new TransactionBench();
    const producer = bench.init();
    bench.add(producer);
    bench.deleted.add('t');
    expect(bench.ended(bench.sendEnd(producer, true))).toBe(0);
    bench.add(producer, 'u');
    bench.deleted.add('u');
    expect(bench.initialized(bench.sendInit())).toMatchObject({ errorCode: 0, producerEpoch: 2 });
  });

  it('C3: leaves nobody waiting when the coordinator is unloaded', () => {
    const bench = new TransactionBench();
    const producer = bench.init();
    bench.add(producer);
    const [ending, adding, initializing] = [bench.sendEnd(producer, true), bench.sendAdd(producer), bench.sendInit()];
    bench.run((transactions) => transactions.unload(bench.now));
    expect(bench.ended(ending)).toBe(errors.NOT_COORDINATOR.code);
    expect(bench.added(adding)).toBe(errors.NOT_COORDINATOR.code);
    expect(bench.initialized(initializing)).toMatchObject({ errorCode: errors.NOT_COORDINATOR.code });
  });
});

describe('time', () => {
  it('T3: aborts a transaction that its producer leaves open, and fences the producer', () => {
    const bench = new TransactionBench();
    const producer = bench.init(undefined, 5_000);
    bench.add(producer);
    bench.advance(4_999);
    // A second partition does not start the time anew.
    bench.add(producer, 'u');
    expect(bench.markers).toEqual([]);
    bench.advance(1);
    const { producerId } = producer;
    expect(bench.writeMarkers()).toMatchObject([{ producerId, producerEpoch: 1, result: 'abort' }]);
    expect(bench.end(producer, true)).toBe(errors.PRODUCER_FENCED.code);
    expect(bench.init().producerEpoch).toBe(2);
  });

  it('makes an idle transactional id expire, and never one with an open transaction', () => {
    const bench = new TransactionBench({ idExpirationMs: 10_000, timeoutMsMax: 100_000 });
    const producer = bench.init(undefined, 100_000);
    bench.add(producer);
    bench.advance(50_000);
    expect(bench.end(producer, true)).toBe(0);
    bench.advance(9_999);
    expect(bench.end(producer, true)).toBe(0);
    bench.advance(1);
    expect(bench.end(producer, true)).toBe(errors.INVALID_PRODUCER_ID_MAPPING.code);
    bench.crash();
    expect(bench.init().producerId).not.toBe(producer.producerId);
  });
});

describe('a restart', () => {
  it('T1: finds a decided transaction and writes its markers', () => {
    for (const [committed, result] of [
      [true, 'commit'],
      [false, 'abort'],
    ] as const) {
      const bench = new TransactionBench();
      const producer = bench.init();
      bench.add(producer);
      bench.sendEnd(producer, committed);
      bench.crash();
      const waiting = bench.sendAdd(producer, 'u');
      expect(bench.writeMarkers()).toMatchObject([{ result, partitions: [{ topic: 't', partition: 0 }] }]);
      expect(bench.added(waiting)).toBe(0);
      expect(bench.isOpen(producer, 't')).toBe(false);
      expect(bench.isOpen(producer, 'u')).toBe(true);
    }
  });

  it('finds an open transaction and lets its timeout run on from when it began', () => {
    const bench = new TransactionBench();
    const producer = bench.init(undefined, 5_000);
    bench.add(producer);
    bench.advance(3_000);
    bench.crash();
    expect(bench.verify(producer)).toBeNull();
    bench.advance(2_000);
    expect(bench.writeMarkers()).toMatchObject([{ result: 'abort', producerEpoch: 1 }]);
  });

  it('forgets a decision that was not durable: the transaction is open, and ends either way', () => {
    const bench = new TransactionBench();
    const producer = bench.init();
    bench.add(producer);
    bench.isSyncHeld = true;
    bench.sendEnd(producer, true);
    bench.isSyncHeld = false;
    bench.crash();
    expect(bench.end(producer, false)).toBe(0);
  });

  it('pitfall 33: answers a repeated EndTxn after the restart as before it', () => {
    const bench = new TransactionBench();
    const producer = bench.init();
    bench.add(producer);
    bench.end(producer, true);
    bench.crash();
    expect(bench.end(producer, true)).toBe(0);
    expect(bench.end(producer, false)).toBe(errors.INVALID_TXN_STATE.code);
  });
});
