import { assert } from '@millrace/std';
import type { EventOf, SignalRow } from '@millrace/records';
import { signalIdRow, signalWaitRow } from '../row-keys.ts';
import type { State } from '../view.ts';
import type { Appliers } from './apply.ts';
import { changeHolder } from './rows.ts';

type Kinds =
  | 'signal.thrown'
  | 'signal.broadcast'
  | 'signal.delivered'
  | 'signal.answered'
  | 'signal.settled'
  | 'signal.forgotten'
  | 'signalWait.opened'
  | 'signalWait.triggered'
  | 'signalWait.closed';

const COUNTER = 'signalWaits';

export const signalAppliers: Appliers<Kinds> = {
  'signal.thrown': () => undefined,
  'signal.delivered': () => undefined,

  'signal.broadcast'(state, event) {
    const { signalKey, name, signalId, partitions, requestId } = event;
    state.put('signal', signalKey, {
      signalKey,
      name,
      pending: partitions,
      count: 0,
      reached: [],
      ...(signalId === undefined ? undefined : { signalId }),
      ...(requestId === undefined ? undefined : { requestId }),
    });
    if (signalId !== undefined) state.put('signalId', signalIdRow(signalId), { signalKey, name });
  },

  'signal.answered'(state, event) {
    const row = signalOf(state, event.signalKey);
    state.put('signal', event.signalKey, {
      ...row,
      pending: row.pending - 1,
      count: row.count + event.count,
      reached: [...row.reached, ...event.reached],
    });
  },

  'signal.settled'(state, event) {
    if (event.isRepeated === true) return;
    const { signalKey, name, signalId, count, reached } = event;
    state.delete('signal', signalKey);
    if (signalId === undefined) return;
    state.put('signalId', signalIdRow(signalId), { signalKey, name, outcome: { count, reached } });
  },

  'signal.forgotten'(state, event) {
    state.delete('signalId', signalIdRow(event.signalId));
  },

  'signalWait.opened'(state, event) {
    const { name, sequence, instanceId, elementKey, elementId, isRepeating } = event;
    state.put('signalWait', signalWaitRow(event), { name, sequence, instanceId, elementKey, elementId, isRepeating });
    changeHolder(state, instanceId, elementKey, ({ signals = [] }) => ({ signals: [...signals, { name, sequence }] }));
    state.put('counter', COUNTER, { count: sequence });
  },

  'signalWait.triggered'(state, event) {
    if (state.get('signalWait', signalWaitRow(event))?.isRepeating !== true) removeWait(state, event);
  },

  'signalWait.closed': removeWait,
};

/** The number of the wait that opened last. It is never given again: a signal under way knows its waits by it. */
export function lastSignalWait(state: Pick<State, 'get'>): number {
  return state.get('counter', COUNTER)?.count ?? 0;
}

function removeWait(state: State, event: EventOf<'signalWait.triggered' | 'signalWait.closed'>): void {
  state.delete('signalWait', signalWaitRow(event));
  changeHolder(state, event.instanceId, event.elementKey, ({ signals = [] }) => {
    const left = signals.filter(({ sequence }) => sequence !== event.sequence);
    return { signals: left.length > 0 ? left : undefined };
  });
}

function signalOf(state: State, signalKey: string): SignalRow {
  const row = state.get('signal', signalKey);
  assert(row !== undefined, `expected a row of signal ${signalKey}`);
  return row;
}
