import type { EventOf, InstanceId, JoinRow, Key } from '@millrace/records';
import { entriesSize } from '../json-size.ts';
import { collectKeys } from '../collect.ts';
import { childRow, deferredRow, elementRow, joinRow, joinRowsOf, variablesRow } from '../row-keys.ts';
import type { State } from '../view.ts';
import type { Appliers } from './apply.ts';
import { beginIteration, endIteration, removeLoop } from './loops.ts';
import { changeElement, changeHolder, countTokens, deferredOf, elementOf, instanceOf, without } from './rows.ts';

type Kinds =
  | 'element.entered'
  | 'element.completed'
  | 'element.terminated'
  | 'flow.taken'
  | 'token.deferred'
  | 'token.resumed'
  | 'process.called'
  | 'call.returned'
  | 'scope.closing'
  | 'scope.cleared'
  | 'scope.interrupted';

export const elementAppliers: Appliers<Kinds> = {
  'element.entered'(state, event) {
    const { instanceId, elementKey, elementId, elementKind, scopeKey, loopCounter, compensation, restores } = event;
    state.put('element', elementRow(instanceId, elementKey), {
      instanceId,
      elementKey,
      elementId,
      elementKind,
      scopeKey,
      ...(loopCounter === undefined ? undefined : { loopCounter }),
      ...(compensation === undefined ? undefined : { compensation }),
      ...(restores === undefined ? undefined : { restores }),
      ...(event.isDriver === true ? { isDriver: true } : undefined),
    });
    if (scopeKey !== instanceId) state.put('child', childRow(instanceId, scopeKey, elementKey), { elementKey });
    // The tokens on the flows are used up, and the element instance is one itself.
    countTokens(state, instanceId, scopeKey, 1 - event.flowIds.length);
    if (loopCounter !== undefined) beginIteration(state, event);
    if (event.flowIds.length > 1 || event.joined === true) takeFromJoin(state, event);
  },

  'element.completed': removeElement,
  'element.terminated': removeElement,

  'flow.taken'(state, event) {
    countTokens(state, event.instanceId, event.scopeKey, 1);
    if (event.joins !== true) return;
    const key = joinRow(event.instanceId, event.scopeKey, event.to);
    const waiting = state.get('join', key)?.waiting ?? {};
    state.put('join', key, { waiting: { ...waiting, [event.flowId]: (waiting[event.flowId] ?? 0) + 1 } });
  },

  'token.deferred'(state, event) {
    const { tokenKey, flowId, scopeKey, hops } = event;
    state.put('deferred', deferredRow(event.instanceId, scopeKey, tokenKey), { tokenKey, flowId, scopeKey, hops });
  },

  'token.resumed'(state, event) {
    const { instanceId, tokenKey, scopeKey = instanceId } = event;
    state.delete('deferred', deferredRow(instanceId, scopeKey, tokenKey));
  },

  'process.called'(state, event) {
    changeElement(state, event, (row) => ({ ...row, calledId: event.calledId }));
  },

  'call.returned'(state, event) {
    changeElement(state, event, (row) => without(row, 'calledId'));
  },

  'scope.closing'(state, event) {
    changeHolder(state, event.instanceId, event.scopeKey, () => ({ closing: event.next }));
  },

  'scope.cleared'(state, event) {
    const { instanceId, scopeKey } = event;
    for (const key of collectKeys(state, 'join', joinRowsOf(instanceId, scopeKey))) state.delete('join', key);
    for (const { tokenKey } of deferredOf(state, instanceId, scopeKey)) {
      state.delete('deferred', deferredRow(instanceId, scopeKey, tokenKey));
    }
    changeHolder(state, instanceId, scopeKey, () => ({ tokens: 0 }));
  },

  'scope.interrupted'(state, event) {
    changeHolder(state, event.instanceId, event.scopeKey, () => ({ closing: undefined, isInterrupted: true }));
  },
};

function removeElement(state: State, event: EventOf<'element.completed' | 'element.terminated'>): void {
  const { instanceId, elementKey } = event;
  const row = elementOf(state, instanceId, elementKey);
  if (row.hasVariables === true) dropVariables(state, instanceId, elementKey);
  removeLoop(state, row);
  state.delete('compensating', elementRow(instanceId, elementKey));
  state.delete('element', elementRow(instanceId, elementKey));
  if (event.scopeKey !== instanceId) state.delete('child', childRow(instanceId, event.scopeKey, elementKey));
  countTokens(state, instanceId, event.scopeKey, -1);
  endIteration(state, row, event.kind === 'element.completed');
}

function dropVariables(state: State, instanceId: InstanceId, elementKey: Key): void {
  const key = variablesRow(instanceId, elementKey);
  const instance = instanceOf(state, instanceId);
  const freed = entriesSize(state.get('variables', key)?.values ?? {}) - 2;
  state.delete('variables', key);
  state.put('instance', instanceId, { ...instance, variableBytes: instance.variableBytes - freed });
}

function takeFromJoin(state: State, event: EventOf<'element.entered'>): void {
  const key = joinRow(event.instanceId, event.scopeKey, event.elementId);
  const waiting: Record<string, number> = { ...state.get('join', key)?.waiting };
  for (const flowId of event.flowIds) {
    const left = (waiting[flowId] ?? 0) - 1;
    if (left > 0) waiting[flowId] = left;
    else delete waiting[flowId];
  }
  const row: JoinRow = { waiting };
  if (Object.keys(waiting).length > 0) state.put('join', key, row);
  else state.delete('join', key);
}
