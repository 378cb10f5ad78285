import type { ActionState, ElementRow, EventOf } from '@millrace/records';
import type { State } from '../view.ts';
import type { Appliers } from './apply.ts';
import { changeElement } from './rows.ts';

type Kinds =
  | 'actions.opened'
  | 'action.started'
  | 'action.released'
  | 'action.executed'
  | 'action.skipped'
  | 'action.cancelled'
  | 'actions.awaited';

/** Counts by action, in the row of the node: what has come of each, and whose turn it is. */
export const actionAppliers: Appliers<Kinds> = {
  'actions.opened'(state, event) {
    const due = Object.fromEntries(event.due.map((name) => [name, { due: 1 }]));
    changeElement(state, event, (row) => ({ ...row, actions: due }));
  },

  'action.started'(state, event) {
    const { action, isTurn } = event;
    changeElement(state, event, (row) =>
      count(row, action, ({ due = 0, running = 0, ...rest }) => ({
        ...rest,
        ...(isTurn === true && due > 1 ? { due: due - 1 } : isTurn !== true && due > 0 ? { due } : undefined),
        running: running + 1,
      })),
    );
  },

  'action.released'(state, event) {
    changeElement(state, event, (row) => ({ ...row, released: event.after }));
  },

  'action.executed'(state, event) {
    const { action, next } = event;
    changeElement(state, event, (row) => {
      const executed = count(ended(row, action), action, ({ executed: before = 0, ...rest }) => ({
        ...rest,
        executed: before + 1,
      }));
      return next.reduce(
        (changed, name) => count(changed, name, ({ due = 0, ...rest }) => ({ ...rest, due: due + 1 })),
        executed,
      );
    });
  },

  'action.skipped': end,
  'action.cancelled': end,

  'actions.awaited'(state, event) {
    changeElement(state, event, (row) => ({ ...row, isReady: true }));
  },
};

function end(state: State, event: EventOf<'action.skipped' | 'action.cancelled'>): void {
  changeElement(state, event, (row) => ended(row, event.action));
}

/** One execution less. */
function ended(row: ElementRow, action: string): ElementRow {
  return count(row, action, ({ running = 0, ...rest }) => (running > 1 ? { ...rest, running: running - 1 } : rest));
}

function count(row: ElementRow, action: string, change: (state: ActionState) => ActionState): ElementRow {
  const { actions = {} } = row;
  return { ...row, actions: { ...actions, [action]: change(actions[action] ?? {}) } };
}
