import type { EventOf, TimerPurpose, TimerRef } from '@millrace/records';
import { timerRow } from '../row-keys.ts';
import type { State } from '../view.ts';
import type { Appliers } from './apply.ts';
import { changeHolder, instanceOf, jobOf, without } from './rows.ts';

type Kinds = 'timer.scheduled' | 'timer.fired' | 'timer.cancelled';

export const timerAppliers: Appliers<Kinds> = {
  'timer.scheduled'(state, event) {
    const { timerKey, dueAt, purpose } = event;
    state.put('timer', timerRow(event), { timerKey, dueAt, purpose });
    attach(state, { timerKey, dueAt }, purpose);
  },
  'timer.fired': removeTimer,
  'timer.cancelled': removeTimer,
};

/** Whoever a timer runs for knows it, so that it can be cancelled without a search (R2). */
function attach(state: State, timer: TimerRef, purpose: TimerPurpose): void {
  switch (purpose.kind) {
    case 'catch':
    case 'boundary':
    case 'eventSubProcess':
    case 'receiveTimeout':
    case 'action':
      return changeHolder(state, purpose.instanceId, purpose.elementKey, ({ timers = [] }) => ({
        timers: [...timers, timer],
      }));
    case 'jobRetry':
    case 'jobDeadline':
      return state.put('job', purpose.jobKey, { ...jobOf(state, purpose.jobKey), timer });
    case 'start': {
      const definition = state.get('definition', purpose.processId);
      if (definition === undefined) return undefined;
      const starts = definition.starts.map((start) =>
        start.elementId === purpose.elementId ? { ...start, trigger: { kind: 'timer' as const, ...timer } } : start,
      );
      return state.put('definition', purpose.processId, { ...definition, starts });
    }
    case 'instanceExpiry':
      return state.put('instance', purpose.instanceId, { ...instanceOf(state, purpose.instanceId), expiry: timer });
    case 'messageExpiry':
    case 'forget':
    case 'forgetSignal':
      return undefined;
  }
}

function removeTimer(state: State, event: EventOf<'timer.fired' | 'timer.cancelled'>): void {
  state.delete('timer', timerRow(event));
  const { purpose } = event;
  switch (purpose.kind) {
    case 'catch':
    case 'boundary':
    case 'eventSubProcess':
    case 'receiveTimeout':
    case 'action':
      return changeHolder(state, purpose.instanceId, purpose.elementKey, ({ timers = [] }) => {
        const left = timers.filter(({ timerKey }) => timerKey !== event.timerKey);
        return { timers: left.length > 0 ? left : undefined };
      });
    case 'jobRetry':
    case 'jobDeadline':
      return state.put('job', purpose.jobKey, without(jobOf(state, purpose.jobKey), 'timer'));
    case 'instanceExpiry':
      return state.put('instance', purpose.instanceId, without(instanceOf(state, purpose.instanceId), 'expiry'));
    case 'messageExpiry':
    case 'start':
    case 'forget':
    case 'forgetSignal':
      return undefined;
  }
}
