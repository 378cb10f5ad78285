import { errors } from '@millrace/wire';
import { describe, expect, it } from 'vitest';
import { TransactionBench } from './transaction-bench.ts';

const EPOCH_MAX = 32_766;

/** A producer that has used up its epochs: those are many, so a record says it. */
function withEpoch(epoch: number): TransactionBench {
  const bench = new TransactionBench();
  bench.init();
  const [batch] = bench.log.slice(-1);
  if (batch?.kind === 'records') batch.records[0]?.value?.writeInt16BE(epoch, 10);
  bench.crash();
  return bench;
}

describe('a producer id', () => {
  it('T4: is given to each producer once, also after a restart', () => {
    const bench = new TransactionBench({ producerIdBlock: 3 });
    const given = new Set<number>();
    for (let round = 0; round < 20; round++) {
      const { producerId, producerEpoch } = bench.init(undefined, undefined, null);
      expect(producerEpoch).toBe(0);
      given.add(producerId);
      if (round % 4 === 0) bench.crash();
    }
    expect(given.size).toBe(20);
  });

  it('T4: is not given out before its claim is durable', () => {
    const bench = new TransactionBench();
    bench.isSyncHeld = true;
    const token = bench.sendInit(undefined, undefined, null);
    expect(bench.hasAnswer(token)).toBe(false);
    bench.becomeDurable();
    expect(bench.initialized(token)).toMatchObject({ errorCode: 0, producerId: 0 });
  });

  it('is the same for a transactional id, with a higher epoch each time', () => {
    const bench = new TransactionBench();
    const first = bench.init();
    expect(first).toMatchObject({ errorCode: 0, producerEpoch: 0 });
    expect(bench.init()).toEqual({ ...first, producerEpoch: 1 });
    bench.crash();
    expect(bench.init()).toEqual({ ...first, producerEpoch: 2 });
  });

  it('is replaced when its epochs are used up', () => {
    const bench = withEpoch(EPOCH_MAX - 1);
    const last = bench.init();
    expect(last.producerEpoch).toBe(EPOCH_MAX);
    const fresh = bench.init();
    expect(fresh.producerEpoch).toBe(0);
    expect(fresh.producerId).not.toBe(last.producerId);
  });

  it('is replaced when the last epoch went into fencing', () => {
    const bench = withEpoch(EPOCH_MAX - 1);
    const last = bench.init();
    bench.add(last);
    bench.advance(60_000);
    expect(bench.writeMarkers()[0]).toMatchObject({ producerEpoch: EPOCH_MAX + 1, result: 'abort' });
    const fresh = bench.init();
    expect(fresh).toMatchObject({ errorCode: 0, producerEpoch: 0 });
    expect(fresh.producerId).not.toBe(last.producerId);
  });
});

describe('a producer that names its identity (KIP-360)', () => {
  it('gets the next epoch, and the same again when it repeats the request', () => {
    const bench = new TransactionBench();
    const first = bench.init();
    const next = bench.init(first);
    expect(next).toEqual({ ...first, producerEpoch: 1 });
    expect(bench.init(first)).toEqual(next);
  });

  it('is fenced when somebody else has taken over', () => {
    const bench = new TransactionBench();
    const first = bench.init();
    bench.init();
    expect(bench.init(first).errorCode).toBe(errors.PRODUCER_FENCED.code);
    const older = bench.sendInit(first, 60_000, 'x', 3);
    expect(bench.initialized(older)).toMatchObject({ errorCode: errors.INVALID_PRODUCER_EPOCH.code });
  });

  it('is fenced without harm to the transaction of its successor', () => {
    const bench = new TransactionBench();
    const first = bench.init();
    const successor = bench.init();
    bench.add(successor);
    expect(bench.init(first).errorCode).toBe(errors.PRODUCER_FENCED.code);
    expect(bench.verify(successor)).toBeNull();
    expect(bench.end(successor, true)).toBe(0);
  });

  it('may leave its own transaction behind', () => {
    const bench = new TransactionBench();
    const first = bench.init();
    bench.add(first);
    const token = bench.sendInit(first);
    expect(bench.writeMarkers()).toMatchObject([{ result: 'abort', producerEpoch: 1 }]);
    expect(bench.initialized(token)).toEqual({ ...first, producerEpoch: 1 });
  });

  it('gets a new id when its epochs are used up, and the same again when it repeats the request', () => {
    const bench = withEpoch(EPOCH_MAX - 1);
    const last = bench.init();
    const fresh = bench.init(last);
    expect(fresh).toMatchObject({ errorCode: 0, producerEpoch: 0 });
    expect(bench.init(last)).toEqual(fresh);
  });

  it('gets a new id when leaving its transaction behind used up the last epoch', () => {
    const bench = withEpoch(EPOCH_MAX - 1);
    const last = bench.init();
    bench.add(last);
    const token = bench.sendInit(last);
    bench.writeMarkers();
    expect(bench.initialized(token)).toMatchObject({ errorCode: 0, producerEpoch: 0 });
    expect(bench.init(last)).toEqual(bench.initialized(token));
  });
});

describe('taking a transactional id over', () => {
  it('T3: aborts the transaction of the predecessor first, and fences it', () => {
    const bench = new TransactionBench();
    const first = bench.init();
    bench.add(first);
    const token = bench.sendInit();
    expect(bench.hasAnswer(token)).toBe(false);
    expect(bench.add(first)).toBe(errors.PRODUCER_FENCED.code);
    expect(bench.writeMarkers()).toMatchObject([{ result: 'abort', partitions: [{ topic: 't', partition: 0 }] }]);
    expect(bench.initialized(token)).toEqual({ ...first, producerEpoch: 2 });
    expect(bench.end(first, true)).toBe(errors.PRODUCER_FENCED.code);
  });

  it('waits for a transaction that is being committed, and lets it', () => {
    const bench = new TransactionBench();
    const first = bench.init();
    bench.add(first);
    const ending = bench.sendEnd(first, true);
    const token = bench.sendInit();
    expect(bench.writeMarkers()).toMatchObject([{ result: 'commit' }]);
    expect(bench.ended(ending)).toBe(0);
    expect(bench.initialized(token)).toEqual({ ...first, producerEpoch: 1 });
  });

  it('pitfall 34: refuses a timeout above the maximum, and one that is none', () => {
    const bench = new TransactionBench({ timeoutMsMax: 1_000 });
    const code = errors.INVALID_TRANSACTION_TIMEOUT.code;
    expect(bench.init(undefined, 1_001).errorCode).toBe(code);
    expect(bench.init(undefined, 0).errorCode).toBe(code);
    expect(bench.init(undefined, 1_000).errorCode).toBe(0);
  });

  it('refuses an empty transactional id, half an identity, and more ids than are allowed', () => {
    const bench = new TransactionBench({ idsMax: 1 });
    expect(bench.init(undefined, 1_000, '').errorCode).toBe(errors.INVALID_REQUEST.code);
    expect(bench.init({ producerId: 1, producerEpoch: -1 }).errorCode).toBe(errors.INVALID_REQUEST.code);
    bench.init();
    expect(bench.init(undefined, 1_000, 'other').errorCode).toBe(errors.POLICY_VIOLATION.code);
  });
});
