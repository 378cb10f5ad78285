import type { TimerRow } from '@millrace/records';
import { timerRow } from '../row-keys.ts';
import type { Appliers } from './apply.ts';

type Kinds = 'definition.suspended' | 'definition.resumed' | 'startEvent.withheld' | 'starts.reoffered';

export const suspensionAppliers: Appliers<Kinds> = {
  'definition.suspended'(state, { processId, reason, at }) {
    const before = state.get('suspendedDefinition', processId);
    state.put('suspendedDefinition', processId, {
      processId,
      suspendedAt: before?.suspendedAt ?? at,
      ...(reason === undefined ? undefined : { reason }),
      timers: before?.timers ?? [],
    });
  },

  'definition.resumed'(state, { processId, timers }) {
    state.delete('suspendedDefinition', processId);
    for (const timer of timers) state.put('timer', timerRow(timer), timer);
  },

  'startEvent.withheld'(state, { processId, timer }) {
    const row = state.get('suspendedDefinition', processId);
    if (row === undefined || timer === undefined) return;
    state.delete('timer', timerRow(timer));
    const timers: readonly TimerRow[] = [...row.timers, timer];
    state.put('suspendedDefinition', processId, { ...row, timers });
  },

  'starts.reoffered': () => undefined,
};
