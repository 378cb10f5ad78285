import type { ConditionWaitRow, EventOf } from '@millrace/records';
import { assert } from '@millrace/std';
import { conditionRow } from '../row-keys.ts';
import type { State } from '../view.ts';
import type { Appliers } from './apply.ts';
import { changeHolder, instanceOf, without } from './rows.ts';

type Kinds =
  | 'condition.opened'
  | 'condition.changed'
  | 'condition.triggered'
  | 'condition.closed'
  | 'conditions.deferred'
  | 'conditions.evaluated'
  | 'conditions.resumed';

export const conditionAppliers: Appliers<Kinds> = {
  'condition.opened'(state, event) {
    const { waitKey, instanceId, elementKey, elementId, isRepeating } = event;
    const row: ConditionWaitRow = { waitKey, instanceId, elementKey, elementId, isRepeating, holds: false };
    state.put('conditionWait', conditionRow(instanceId, waitKey), row);
    changeHolder(state, instanceId, elementKey, ({ conditions = [] }) => ({ conditions: [...conditions, waitKey] }));
  },

  'condition.changed'(state, event) {
    changeCondition(state, event, event.holds);
  },

  'condition.triggered'(state, event) {
    if (state.get('conditionWait', conditionRow(event.instanceId, event.waitKey))?.isRepeating === true) {
      changeCondition(state, event, true);
    } else removeCondition(state, event);
  },

  'condition.closed': removeCondition,

  'conditions.evaluated': () => undefined,

  'conditions.deferred'(state, { instanceId, from }) {
    state.put('instance', instanceId, { ...instanceOf(state, instanceId), conditionsFrom: from });
  },

  'conditions.resumed'(state, { instanceId }) {
    state.put('instance', instanceId, without(instanceOf(state, instanceId), 'conditionsFrom'));
  },
};

function changeCondition(
  state: State,
  { instanceId, waitKey }: EventOf<'condition.changed' | 'condition.triggered'>,
  holds: boolean,
): void {
  const key = conditionRow(instanceId, waitKey);
  const row = state.get('conditionWait', key);
  assert(row !== undefined, `expected a row of the condition ${key}`);
  state.put('conditionWait', key, { ...row, holds });
}

function removeCondition(state: State, event: EventOf<'condition.triggered' | 'condition.closed'>): void {
  const { instanceId, waitKey, elementKey } = event;
  state.delete('conditionWait', conditionRow(instanceId, waitKey));
  changeHolder(state, instanceId, elementKey, ({ conditions = [] }) => {
    const left = conditions.filter((key) => key !== waitKey);
    return { conditions: left.length > 0 ? left : undefined };
  });
}
