import type { EventOf } from '@millrace/records';
import type { Changes } from '../changes.ts';
import type { ReadBatch } from '../rows.ts';

/** Failures kept of one batch; beyond them only their number grows. */
const FAILURES_MAX = 100;

export function batchStarted(changes: Changes, event: EventOf<'batch.started'>): void {
  const { batchId: id, operation, filter, partitions, at } = event;
  const known = changes.get('batch', id);
  if (known !== undefined) return;
  const none = Array.from({ length: partitions }, () => ({ done: 0, failed: 0, hasEnded: false }));
  changes.put('batch', id, { id, operation, filter, parts: none, failures: [], startedAt: at, isCancelled: false });
  changes.list(['batch', at, id]);
}

export function batchProgressed(changes: Changes, event: EventOf<'batch.progressed'>): void {
  const { batchId, partition, done, failed, failures } = event;
  update(changes, batchId, (batch) => ({
    ...batch,
    parts: withPart(batch, partition, { done, failed, hasEnded: false }),
    failures: [...batch.failures, ...failures].slice(0, FAILURES_MAX),
  }));
}

export function batchEnded(changes: Changes, event: EventOf<'batch.ended'>): void {
  const { batchId, partition, done, failed, isCancelled, at } = event;
  update(changes, batchId, (batch) => {
    const parts = withPart(batch, partition, { done, failed, hasEnded: true });
    const ended = parts.every(({ hasEnded }) => hasEnded) ? { endedAt: at } : {};
    return { ...batch, parts, isCancelled: batch.isCancelled || isCancelled, ...ended };
  });
}

function withPart(batch: ReadBatch, partition: number, part: ReadBatch['parts'][number]): ReadBatch['parts'] {
  return batch.parts.with(partition, part);
}

function update(changes: Changes, batchId: string, change: (batch: ReadBatch) => ReadBatch): void {
  const batch = changes.get('batch', batchId);
  if (batch !== undefined) changes.put('batch', batchId, change(batch));
}
