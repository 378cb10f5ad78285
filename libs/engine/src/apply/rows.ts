import { assert } from '@millrace/std';
import type { DeferredRow, ElementRow, InstanceId, InstanceRow, JobRow, Key } from '@millrace/records';
import { collect } from '../collect.ts';
import { elementRow, ofInstance, ofScope } from '../row-keys.ts';
import type { State, View } from '../view.ts';

/** Rows that an event takes for granted: an event about something that is not there means that the fold is broken. */

export function instanceOf(view: View, instanceId: InstanceId): InstanceRow {
  const row = view.get('instance', instanceId);
  assert(row !== undefined, `expected a row of instance ${instanceId}`);
  return row;
}

export function elementOf(view: View, instanceId: InstanceId, elementKey: Key): ElementRow {
  const row = view.get('element', elementRow(instanceId, elementKey));
  assert(row !== undefined, `expected a row of element ${elementKey} in instance ${instanceId}`);
  return row;
}

export function jobOf(view: View, jobKey: Key): JobRow {
  const row = view.get('job', jobKey);
  assert(row !== undefined, `expected a row of job ${jobKey}`);
  return row;
}

export function changeElement(
  state: State,
  event: { readonly instanceId: InstanceId; readonly elementKey: Key },
  change: (row: ElementRow) => ElementRow,
): void {
  const key = elementRow(event.instanceId, event.elementKey);
  const row = state.get('element', key);
  assert(row !== undefined, `expected a row of element ${key}`);
  state.put('element', key, change(row));
}

/** What the instance and an element have alike: the one as the scope around all, the other as a scope or what waits. */
type Holder = Partial<
  Pick<
    ElementRow & InstanceRow,
    'tokens' | 'closing' | 'isInterrupted' | 'timers' | 'waits' | 'signals' | 'conditions' | 'passed' | 'begunEvents'
  >
>;
/** What is undefined goes. */
type HolderChange = { readonly [Name in keyof Holder]: Holder[Name] | undefined };

/** `key` is an element's, or the id of the instance itself. */
export function changeHolder(
  state: State,
  instanceId: InstanceId,
  key: Key,
  change: (row: Holder) => HolderChange,
): void {
  const changed = <Row extends Holder>(row: Row): Row => {
    const entries = Object.entries({ ...row, ...change(row) }).filter(([, value]) => value !== undefined);
    return Object.fromEntries(entries) as Row;
  };
  if (key === instanceId) state.put('instance', instanceId, changed(instanceOf(state, instanceId)));
  else changeElement(state, { instanceId, elementKey: key }, changed);
}

/** The tokens on flows that a scope has put down, those of scopes in it left out. */
export function deferredOf(view: View, instanceId: InstanceId, scopeKey: Key): DeferredRow[] {
  const range = scopeKey === instanceId ? ofInstance(instanceId) : ofScope(instanceId, scopeKey);
  return collect(view, 'deferred', range).filter((row) => row.scopeKey === scopeKey);
}

/** E5. Counts the live tokens of a scope up or down. */
export function countTokens(state: State, instanceId: InstanceId, scopeKey: Key, change: number): void {
  if (change === 0) return;
  if (scopeKey === instanceId) {
    const row = instanceOf(state, instanceId);
    state.put('instance', instanceId, { ...row, tokens: row.tokens + change });
    return;
  }
  changeElement(state, { instanceId, elementKey: scopeKey }, (row) => ({
    ...row,
    tokens: (row.tokens ?? 0) + change,
  }));
}

/** The row without one of its words. */
export function without<Row extends object, Name extends keyof Row>(row: Row, name: Name): Omit<Row, Name> {
  const { [name]: _, ...rest } = row;
  return rest;
}
