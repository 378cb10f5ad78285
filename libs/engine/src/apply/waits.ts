import type { EventOf } from '@millrace/records';
import { receiveRow } from '../row-keys.ts';
import type { State } from '../view.ts';
import type { Appliers } from './apply.ts';
import { changeElement, changeHolder, without } from './rows.ts';

type Kinds =
  | 'wait.opened'
  | 'wait.correlated'
  | 'wait.closed'
  | 'receive.opened'
  | 'receive.matched'
  | 'receive.closed';

export const waitAppliers: Appliers<Kinds> = {
  'wait.opened'(state, event) {
    const { waitKey, name, correlationKey, instanceId, elementKey, elementId, isRepeating } = event;
    state.put('wait', waitKey, {
      waitKey,
      name,
      correlationKey,
      instanceId,
      elementKey,
      elementId,
      isRepeating,
    });
    changeHolder(state, instanceId, elementKey, ({ waits = [] }) => ({ waits: [...waits, waitKey] }));
  },

  'wait.correlated'(state, event) {
    if (state.get('wait', event.waitKey)?.isRepeating !== true) removeWait(state, event);
  },

  'wait.closed': removeWait,

  'receive.opened'(state, event) {
    const { receiveKey, instanceId, elementKey, elementId, topic, keyName } = event;
    state.put('receive', receiveRow(instanceId, topic, receiveKey), {
      receiveKey,
      instanceId,
      elementKey,
      elementId,
      topic,
      keyName,
    });
    changeElement(state, event, (element) => ({ ...element, receive: { receiveKey, topic } }));
  },

  'receive.matched': removeReceive,
  'receive.closed': removeReceive,
};

function removeWait(state: State, event: EventOf<'wait.correlated' | 'wait.closed'>): void {
  state.delete('wait', event.waitKey);
  changeHolder(state, event.instanceId, event.elementKey, ({ waits = [] }) => {
    const left = waits.filter((waitKey) => waitKey !== event.waitKey);
    return { waits: left.length > 0 ? left : undefined };
  });
}

function removeReceive(state: State, event: EventOf<'receive.matched' | 'receive.closed'>): void {
  state.delete('receive', receiveRow(event.instanceId, event.topic, event.receiveKey));
  changeElement(state, event, (element) => without(element, 'receive'));
}
