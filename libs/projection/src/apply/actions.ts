import type { EventOf, InstanceId, Key } from '@millrace/records';
import type { Changes } from '../changes.ts';
import type { ReadAction, ReadToken } from '../rows.ts';

export function actionsOpened(changes: Changes, event: EventOf<'actions.opened'>): void {
  const { actions, completesByActions } = event;
  change(changes, event, ({ action, ...token }) => ({
    ...token,
    // What completes it is an action of its own then.
    ...(action === undefined || completesByActions === true ? {} : { action }),
    actions: actions.map((opened) => ({ ...opened, running: 0, executed: 0 })),
  }));
}

export function actionStarted(changes: Changes, event: EventOf<'action.started'>): void {
  countAction(changes, event, ({ running, ...action }) => ({ ...action, running: running + 1 }));
}

export function actionExecuted(changes: Changes, event: EventOf<'action.executed'>): void {
  countAction(changes, event, ({ running, executed, ...action }) => ({
    ...action,
    running: running - 1,
    executed: executed + 1,
  }));
  change(changes, event, (token) => ({ ...token, status: 'EXECUTED_PARTIAL' }));
}

export function actionEnded(changes: Changes, event: EventOf<'action.skipped' | 'action.cancelled'>): void {
  countAction(changes, event, ({ running, ...action }) => ({ ...action, running: running - 1 }));
}

/** Of a receive task, what it waited for has come; of a user task, somebody has completed it. */
export function actionsAwaited(changes: Changes, event: EventOf<'actions.awaited'>): void {
  change(changes, event, ({ action: _action, ...token }) => ({
    ...token,
    status: token.elementKind === 'receiveTask' ? 'MESSAGE_RECEIVED' : 'EXECUTED_PARTIAL',
  }));
}

type AtNode = { readonly instanceId: InstanceId; readonly elementKey: Key };

function countAction(
  changes: Changes,
  event: AtNode & { action: string },
  count: (action: ReadAction) => ReadAction,
): void {
  change(changes, event, ({ actions = [], ...token }) => ({
    ...token,
    actions: actions.map((action) => (action.name === event.action ? count(action) : action)),
  }));
}

function change(changes: Changes, { instanceId, elementKey }: AtNode, to: (token: ReadToken) => ReadToken): void {
  const key = `${instanceId}/${elementKey}`;
  const token = changes.get('token', key);
  if (token !== undefined) changes.put('token', key, to(token));
}
