import type { TimerRow } from '@millrace/records';
import { dueKey } from './row-keys.ts';
import type { DueTimer } from './decision.ts';
import type { View } from './view.ts';

/** Timers due by `now`, the longest due first. Each is input to `decide`, which removes it: it cannot fire twice. */
export function dueTimers(view: View, now: number, limit: number): DueTimer[] {
  const due: DueTimer[] = [];
  for (const [, timer] of view.range('timer', { from: '', to: dueKey(Math.trunc(now) + 1), limit })) {
    due.push({ kind: 'timer.due', timer });
  }
  return due;
}

/** When the next timer is due, in ms since the epoch; may be in the past. */
export function nextDueAt(view: View): number | undefined {
  const first: TimerRow | undefined = firstTimer(view);
  return first?.dueAt;
}

function firstTimer(view: View): TimerRow | undefined {
  for (const [, timer] of view.range('timer', { prefix: '', limit: 1 })) return timer;
  return undefined;
}
