import type { DefinitionRow } from '@millrace/records';
import { conditionStartRow, messageStartRow, signalStartRow, startLockRow } from '../row-keys.ts';
import type { State } from '../view.ts';
import type { Appliers } from './apply.ts';

type Kinds =
  | 'startEvent.opened'
  | 'startEvent.closed'
  | 'startEvent.triggered'
  | 'startEvent.declined'
  | 'startLock.released';

export const startAppliers: Appliers<Kinds> = {
  'startEvent.opened'(state, event) {
    const { processId, definitionKey, elementId, trigger } = event;
    changeStarts(state, processId, (starts) => [...starts, { elementId, trigger }]);
    if (trigger.kind === 'message') {
      const { name } = trigger;
      const key = messageStartRow(name, processId, elementId);
      state.put('messageStart', key, { processId, definitionKey, elementId, name });
    } else if (trigger.kind === 'signal') {
      const key = signalStartRow(trigger.name, processId, elementId);
      state.put('signalStart', key, { processId, definitionKey, elementId });
    } else if (trigger.kind === 'condition') {
      const { condition } = trigger;
      state.put('conditionStart', conditionStartRow(processId, elementId), {
        processId,
        definitionKey,
        elementId,
        condition,
      });
    }
  },

  'startEvent.closed'(state, event) {
    const { processId, elementId, trigger } = event;
    changeStarts(state, processId, (starts) => starts.filter((start) => start.elementId !== elementId));
    if (trigger.kind === 'message') state.delete('messageStart', messageStartRow(trigger.name, processId, elementId));
    if (trigger.kind === 'condition') state.delete('conditionStart', conditionStartRow(processId, elementId));
    if (trigger.kind === 'signal') state.delete('signalStart', signalStartRow(trigger.name, processId, elementId));
  },

  'startEvent.triggered'(state, event) {
    const { message } = event;
    if (message === undefined || message.correlationKey === '') return;
    const key = startLockRow(event.processId, message.name, message.correlationKey);
    state.put('startLock', key, { instanceId: event.instanceId });
  },

  'startEvent.declined': () => undefined,

  'startLock.released'(state, event) {
    state.delete('startLock', startLockRow(event.processId, event.name, event.correlationKey));
  },
};

function changeStarts(
  state: State,
  processId: string,
  change: (starts: DefinitionRow['starts']) => DefinitionRow['starts'],
): void {
  const row = state.get('definition', processId);
  if (row !== undefined) state.put('definition', processId, { ...row, starts: change(row.starts) });
}
