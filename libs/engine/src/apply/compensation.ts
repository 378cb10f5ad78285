import { collectKeys } from '../collect.ts';
import { compensableRow, elementRow, ofInstance } from '../row-keys.ts';
import type { Appliers } from './apply.ts';
import { changeElement, instanceOf, without } from './rows.ts';

type Kinds =
  | 'compensation.opened'
  | 'compensation.thrown'
  | 'compensation.started'
  | 'compensation.deferred'
  | 'compensation.resumed'
  | 'compensation.counted'
  | 'compensation.undone'
  | 'compensation.dropped'
  | 'transaction.cancelled';

export const compensationAppliers: Appliers<Kinds> = {
  'compensation.opened'(state, event) {
    const { instanceId, scopeKey, sequence, elementId, elementKey, isBody, variables } = event;
    state.put('compensable', compensableRow(instanceId, scopeKey, sequence), {
      sequence,
      elementId,
      elementKey,
      ...(isBody === true ? { isBody } : undefined),
      variables,
    });
    state.put('instance', instanceId, { ...instanceOf(state, instanceId), compensables: sequence });
  },

  'compensation.thrown': () => undefined,

  'compensation.started'(state, { instanceId, scopeKey, sequence }) {
    state.delete('compensable', compensableRow(instanceId, scopeKey, sequence));
  },

  'compensation.deferred'(state, { instanceId, elementKey, levels, hops }) {
    state.put('compensating', elementRow(instanceId, elementKey), { levels, hops });
  },

  'compensation.resumed'(state, { instanceId, elementKey }) {
    state.delete('compensating', elementRow(instanceId, elementKey));
  },

  'compensation.counted'(state, { instanceId, scopeKey, sequence, bytes, variableBytes }) {
    const key = compensableRow(instanceId, scopeKey, sequence);
    const row = state.get('compensable', key);
    if (row !== undefined) state.put('compensable', key, { ...row, bytes });
    state.put('instance', instanceId, { ...instanceOf(state, instanceId), variableBytes });
  },

  'compensation.undone'(state, event) {
    changeElement(state, event, (row) => ({ ...row, isUndone: true }));
  },

  'compensation.dropped'(state, { instanceId, count }) {
    const keys = collectKeys(state, 'compensable', { ...ofInstance(instanceId), limit: count });
    for (const key of keys) state.delete('compensable', key);
  },

  'transaction.cancelled'(state, { instanceId, scopeKey }) {
    changeElement(state, { instanceId, elementKey: scopeKey }, (row) => ({
      ...without(row, 'closing'),
      isInterrupted: true,
      isCancelling: true,
    }));
  },
};
