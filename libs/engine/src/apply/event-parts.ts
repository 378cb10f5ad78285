import { eventPartsRow } from '../row-keys.ts';
import type { Appliers } from './apply.ts';
import { changeHolder, instanceOf } from './rows.ts';

type Kinds = 'event.partCame' | 'event.partsTaken';

export const eventPartAppliers: Appliers<Kinds> = {
  'event.partCame'(state, { instanceId, elementKey, elementId, partId, variables, variableBytes }) {
    const key = eventPartsRow(instanceId, elementKey, elementId);
    const before = state.get('eventParts', key);
    const came = before?.came ?? {};
    state.put('eventParts', key, { came: { ...came, [partId]: [...(came[partId] ?? []), variables] } });
    state.put('instance', instanceId, { ...instanceOf(state, instanceId), variableBytes });
    if (before !== undefined) return;
    changeHolder(state, instanceId, elementKey, ({ begunEvents = [] }) => ({
      begunEvents: [...begunEvents, elementId],
    }));
  },

  'event.partsTaken'(state, { instanceId, elementKey, elementId, variableBytes, isClosed }) {
    const key = eventPartsRow(instanceId, elementKey, elementId);
    const rest = Object.entries(state.get('eventParts', key)?.came ?? {}).map(
      ([id, all]) => [id, all.slice(1)] as const,
    );
    const came = Object.fromEntries(isClosed === true ? [] : rest.filter(([, all]) => all.length > 0));
    state.put('instance', instanceId, { ...instanceOf(state, instanceId), variableBytes });
    if (Object.keys(came).length > 0) return state.put('eventParts', key, { came });
    state.delete('eventParts', key);
    return changeHolder(state, instanceId, elementKey, ({ begunEvents = [] }) => {
      const left = begunEvents.filter((id) => id !== elementId);
      return { begunEvents: left.length > 0 ? left : undefined };
    });
  },
};
