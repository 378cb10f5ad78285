import type { SimulatedDisk } from '@millrace/testing';
import { expect } from 'vitest';

import type { Log } from '../../src/log.ts';
import type { AppendOptions } from '../../src/types.ts';
import { marker, next, plain, producer, type TestProducer } from './batches.ts';
import { client, coordinator, openPartition, recordsOf } from './partition.ts';

type Step =
  | { readonly kind: 'plain'; readonly text: string }
  | { readonly kind: 'write'; readonly id: number; readonly text: string }
  | { readonly kind: 'commit' | 'abort'; readonly id: number }
  | { readonly kind: 'sync' }
  | { readonly kind: 'delete'; readonly before: number };

/** Batches of several producers, transactions that overlap and end either way, syncs, deletions, over several segments. */
const steps: readonly Step[] = [
  { kind: 'plain', text: 'a' },
  { kind: 'write', id: 1, text: 'b' },
  { kind: 'sync' },
  { kind: 'write', id: 2, text: 'c' },
  { kind: 'plain', text: 'd'.repeat(200) },
  { kind: 'commit', id: 1 },
  { kind: 'sync' },
  { kind: 'plain', text: 'e'.repeat(300) },
  { kind: 'write', id: 1, text: 'f' },
  { kind: 'abort', id: 2 },
  { kind: 'sync' },
  { kind: 'delete', before: 5 },
  { kind: 'plain', text: 'g'.repeat(200) },
  { kind: 'write', id: 2, text: 'h'.repeat(150) },
  { kind: 'sync' },
  { kind: 'abort', id: 1 },
  { kind: 'plain', text: 'i' },
  { kind: 'commit', id: 2 },
  { kind: 'sync' },
  { kind: 'write', id: 3, text: 'j' },
  { kind: 'plain', text: 'k'.repeat(400) },
  { kind: 'sync' },
];

export const config = { segmentBytes: 600, indexIntervalBytes: 200 };

/** What the outside knows when the disk dies. */
export interface Knowledge {
  /** Every record the log was given, by offset, acknowledged or not. */
  readonly appended: string[];
  /** All below was reported durable. */
  acknowledgedEnd: number;
  /** The log start was reported to be here. */
  acknowledgedStart: number;
  /** Where a deletion that was not reported may have moved it. */
  attemptedStart: number;
  readonly producers: Map<number, TestProducer>;
}

export type Write = NonNullable<AppendOptions['write']>;

/** Runs the steps until they end or the disk does; with batches of clients written at once, or together at the next sync. */
export async function run(
  disk: SimulatedDisk,
  write: Write = 'now',
): Promise<{ log: Log | undefined; knowledge: Knowledge }> {
  const knowledge: Knowledge = {
    appended: [],
    acknowledgedEnd: 0,
    acknowledgedStart: 0,
    attemptedStart: 0,
    producers: new Map([1, 2, 3].map((id) => [id, producer(id)])),
  };
  let log: Log | undefined;
  try {
    ({ log } = openPartition({ disk, config }));
    for (const step of steps) if (!(await take(step, log, knowledge, write))) break;
  } catch (error) {
    // Opening may meet the end of the disk; nothing else throws at us.
    if (log !== undefined) throw error;
  }
  return { log, knowledge };
}

async function take(step: Step, log: Log, knowledge: Knowledge, write: Write): Promise<boolean> {
  if (step.kind === 'sync') {
    const end = log.logEndOffset;
    const isSynced = await log.sync().then(
      () => true,
      () => false,
    );
    if (isSynced) knowledge.acknowledgedEnd = end;
    return isSynced;
  }
  if (step.kind === 'delete') {
    knowledge.attemptedStart = step.before;
    const { error } = log.deleteRecords(step.before);
    if (error === undefined) knowledge.acknowledgedStart = step.before;
    return error === undefined;
  }
  const offset = knowledge.appended.length;
  // Noted before it is tried: a crash in the middle of the write may keep it.
  knowledge.appended.push(`${offset}:${step.kind === 'plain' || step.kind === 'write' ? step.text : step.kind}`);
  if (step.kind === 'plain') return log.append(plain(step.text), { ...client, write }).error === undefined;
  const from = knowledge.producers.get(step.id) as TestProducer;
  if (step.kind === 'write') return log.append(next(from, [step.text], true), { ...client, write }).error === undefined;
  return log.append(marker(step.kind, from), coordinator).error === undefined;
}

/** Invariants of what recovery makes of the disk. Returns the log. */
export function expectRecovered(disk: SimulatedDisk, knowledge: Knowledge): Log {
  const { log } = openPartition({ disk, config, tailBytes: 0 });
  expect(log.state).toEqual({ kind: 'online' });
  const { acknowledgedEnd, acknowledgedStart, attemptedStart, appended } = knowledge;
  // Acknowledged records are all there; of the others a prefix, each whole or absent.
  expect(log.logEndOffset).toBeGreaterThanOrEqual(acknowledgedEnd);
  expect(log.logEndOffset).toBeLessThanOrEqual(appended.length);
  expect([acknowledgedStart, attemptedStart]).toContain(log.logStartOffset);
  const kept = appended.slice(0, log.logEndOffset);
  const first = Number.parseInt(recordsOf(log)[0] ?? `${log.logEndOffset}`, 10);
  expect(first).toBeLessThanOrEqual(log.logStartOffset); // A whole batch: all have one record here.
  expect(recordsOf(log)).toEqual(kept.slice(log.logStartOffset));

  const { lastStableOffset, aborted, sequences } = expectedOf(kept);
  expect(log.lastStableOffset).toBe(lastStableOffset);
  const committed = { isolation: 'read_committed', skipAborted: true } as const;
  expect(recordsOf(log, committed)).toEqual(
    kept.slice(0, lastStableOffset).filter((_, offset) => offset >= log.logStartOffset && !aborted.has(offset)),
  );
  for (const { producerId, lastSequence } of log.producers()) expect(lastSequence).toBe(sequences.get(producerId));
  return log;
}

/** What follows from a prefix of the steps' records. */
function expectedOf(kept: readonly string[]): {
  lastStableOffset: number;
  aborted: Set<number>;
  sequences: Map<number, number>;
} {
  const records = steps.filter((step) => step.kind !== 'sync' && step.kind !== 'delete').slice(0, kept.length);
  const open = new Map<number, number[]>();
  const aborted = new Set<number>();
  const sequences = new Map<number, number>();
  for (const [offset, step] of records.entries()) {
    if (step.kind === 'write') {
      open.set(step.id, [...(open.get(step.id) ?? []), offset]);
      sequences.set(step.id, (sequences.get(step.id) ?? -1) + 1);
    } else if (step.kind === 'commit' || step.kind === 'abort') {
      if (step.kind === 'abort') for (const one of open.get(step.id) ?? []) aborted.add(one);
      open.delete(step.id);
    }
  }
  const lastStableOffset = Math.min(kept.length, ...Array.from(open.values(), ([first]) => first as number));
  return { lastStableOffset, aborted, sequences };
}
