import { assert } from '@millrace/std';

import type { ProducerEntry, ProducerStates } from './producer-state.ts';

const VERSION = 1;

type Row = readonly [
  producerId: number,
  epoch: number,
  coordinatorEpoch: number,
  lastUsedMs: number,
  transactionStart: number,
  batches: readonly (readonly [firstSequence: number, lastSequence: number, baseOffset: number, lastOffset: number])[],
];

/** Producer state as of an offset, as it is stored: rows instead of objects, since there may be 100,000. */
export interface ProducerSnapshot {
  readonly version: typeof VERSION;
  readonly offset: number;
  readonly producers: readonly Row[];
}

export function takeSnapshot(states: ProducerStates, offset: number): ProducerSnapshot {
  const producers = Array.from(
    states.entries(),
    (entry): Row => [
      entry.producerId,
      entry.epoch,
      entry.coordinatorEpoch,
      entry.lastUsedMs,
      entry.transactionStart,
      entry.batches.map((batch) => [batch.firstSequence, batch.lastSequence, batch.baseOffset, batch.lastOffset]),
    ],
  );
  return { version: VERSION, offset, producers };
}

/** Fills `states`; returns false when the content is of another version: the log is then replayed instead. */
export function restoreSnapshot(states: ProducerStates, content: unknown): boolean {
  const snapshot = content as ProducerSnapshot;
  if (snapshot.version !== VERSION) return false;
  assert(states.size === 0, `expected to restore into empty state, found ${states.size} producers`);
  for (const row of snapshot.producers) states.restore(entryOf(row));
  return true;
}

function entryOf([producerId, epoch, coordinatorEpoch, lastUsedMs, transactionStart, batches]: Row): ProducerEntry {
  return {
    producerId,
    epoch,
    coordinatorEpoch,
    lastUsedMs,
    transactionStart,
    batches: batches.map(([firstSequence, lastSequence, baseOffset, lastOffset]) => ({
      firstSequence,
      lastSequence,
      baseOffset,
      lastOffset,
    })),
  };
}
