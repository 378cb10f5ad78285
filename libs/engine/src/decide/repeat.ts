import { nextDue } from '@millrace/feel';
import type { TimerPurpose } from '@millrace/records';
import type { Context } from './context.ts';
import { schedule } from './schedule.ts';

type Repeating = Extract<TimerPurpose, { readonly kind: 'boundary' | 'eventSubProcess' | 'start' | 'action' }>;

/** The next firing of a cycle. One that has fallen behind goes on from now: a burst of what was missed helps nobody. */
export function repeat(context: Context, purpose: Repeating, dueAt: number): void {
  const { interval, repetitions } = purpose;
  if (interval === undefined || repetitions === 1) return;
  const regular = nextDue(dueAt, interval);
  const next = regular !== undefined && regular > context.now ? regular : nextDue(context.now, interval);
  if (next === undefined) return;
  schedule(context, next, { ...purpose, repetitions: typeof repetitions === 'number' ? repetitions - 1 : null });
}
