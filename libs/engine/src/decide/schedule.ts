import type { Key, TimerPurpose } from '@millrace/records';
import { timerRow } from '../row-keys.ts';
import type { Context } from './context.ts';

export interface Scheduled {
  readonly timerKey: Key;
  readonly dueAt: number;
}

/** A time before the epoch, or with fractions, would not sort among the others. */
export function schedule(context: Context, dueAt: number, purpose: TimerPurpose): Scheduled {
  const timer = { timerKey: context.nextKey(), dueAt: Math.max(0, Math.ceil(dueAt)) };
  context.emit({ kind: 'timer.scheduled', ...timer, purpose });
  return timer;
}

export function cancelTimer(context: Context, timer: Scheduled | undefined): void {
  if (timer === undefined) return;
  const row = context.draft.get('timer', timerRow(timer));
  if (row !== undefined) context.emit({ kind: 'timer.cancelled', ...row });
}
