import { heldRow, timerRow } from '../row-keys.ts';
import type { State } from '../view.ts';
import type { Appliers } from './apply.ts';
import { migrate } from './migrate.ts';
import { instanceOf, without } from './rows.ts';

type Kinds =
  | 'instance.suspended'
  | 'instance.resumed'
  | 'instance.modified'
  | 'instance.migrated'
  | 'input.held'
  | 'input.released';

export const operationAppliers: Appliers<Kinds> = {
  'instance.suspended'(state, { instanceId, byCaller }) {
    const row = { ...instanceOf(state, instanceId), isSuspended: true };
    state.put('instance', instanceId, byCaller === true ? { ...row, isSuspendedByCaller: true } : row);
  },

  'instance.resumed'(state, { instanceId }) {
    const row = without(instanceOf(state, instanceId), 'isSuspended');
    state.put('instance', instanceId, without(row, 'isSuspendedByCaller'));
  },

  'instance.modified': () => undefined,
  'instance.migrated': migrate,

  'input.held'(state, { instanceId, heldKey, input }) {
    state.put('held', heldRow(instanceId, heldKey), { heldKey, input });
    // Whatever it runs for keeps knowing it: it is cancelled with that, or due again when it is released.
    if (input.kind === 'timer') state.delete('timer', timerRow(input.timer));
    countHeld(state, instanceId, 1);
  },

  'input.released'(state, { instanceId, heldKey, timer }) {
    state.delete('held', heldRow(instanceId, heldKey));
    if (timer !== undefined) state.put('timer', timerRow(timer), timer);
    countHeld(state, instanceId, -1);
  },
};

function countHeld(state: State, instanceId: string, change: number): void {
  const { held = 0, ...row } = instanceOf(state, instanceId);
  const left = held + change;
  state.put('instance', instanceId, left === 0 ? row : { ...row, held: left });
}
