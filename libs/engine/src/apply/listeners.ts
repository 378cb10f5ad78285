import type { ElementRow, EventOf, ListenerEvent, Listening } from '@millrace/records';
import type { Appliers } from './apply.ts';
import { changeElement, elementOf, instanceOf, without } from './rows.ts';

export const listenerAppliers: Appliers<ListenerEvent['kind']> = {
  'listener.called'(state, event) {
    const called = listeningOf(event);
    changeElement(state, event, (row) => ({
      ...row,
      listening: event.place === 0 ? called : { ...row.listening, ...called },
    }));
  },

  'listeners.done'(state, event) {
    const { instanceId, on } = event;
    const { elementKind } = elementOf(state, instanceId, event.elementKey);
    changeElement(state, event, (row): ElementRow => {
      const rest = without(row, 'listening');
      // What follows a cancelled task is its end: it has no listeners any more.
      return on === 'canceling' ? without(rest, 'task') : rest;
    });
    if (elementKind !== 'process' || on !== 'end') return;
    state.put('instance', instanceId, { ...instanceOf(state, instanceId), hasListened: true });
  },

  'task.noted'(state, event) {
    const { attributes } = event;
    changeElement(state, event, (row) =>
      attributes === undefined ? without(row, 'task') : { ...row, task: attributes },
    );
  },

  'task.denied'(state, event) {
    changeElement(state, event, (row) => without(row, 'listening'));
  },
};

function listeningOf(event: EventOf<'listener.called'>): Listening {
  const { on, place, brought, hasOccurred, startEventId, endsAs, transition } = event;
  return {
    on,
    place,
    ...(brought === undefined ? undefined : { brought }),
    ...(hasOccurred === undefined ? undefined : { hasOccurred }),
    ...(startEventId === undefined ? undefined : { startEventId }),
    ...(endsAs === undefined ? undefined : { endsAs }),
    ...(transition === undefined ? undefined : { transition }),
  };
}
