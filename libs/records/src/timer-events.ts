import type { EventEnvelope } from './events.ts';
import type { Key } from './ids.ts';
import type { TimerPurpose } from './work-rows.ts';

export interface TimerScheduled extends EventEnvelope {
  readonly kind: 'timer.scheduled';
  readonly timerKey: Key;
  readonly dueAt: number;
  readonly purpose: TimerPurpose;
}

export interface TimerFired extends EventEnvelope {
  readonly kind: 'timer.fired';
  readonly timerKey: Key;
  readonly dueAt: number;
  readonly purpose: TimerPurpose;
}

export interface TimerCancelled extends EventEnvelope {
  readonly kind: 'timer.cancelled';
  readonly timerKey: Key;
  readonly dueAt: number;
  readonly purpose: TimerPurpose;
}
