import type { EventOf, InstanceId, JoinRow, Key } from '@millrace/records';
import { entriesSize } from '../json-size.ts';
import { deferredRow, elementRow, joinRow, variablesRow } from '../row-keys.ts';
import type { State } from '../view.ts';
import type { Appliers } from './apply.ts';
import { countTokens, elementOf, instanceOf } from './rows.ts';

type Kinds =
  | 'element.entered'
  | 'element.completed'
  | 'element.terminated'
  | 'flow.taken'
  | 'token.deferred'
  | 'token.resumed';

export const elementAppliers: Appliers<Kinds> = {
  'element.entered'(state, event) {
    const { instanceId, elementKey, elementId, elementKind, scopeKey } = event;
    state.put('element', elementRow(instanceId, elementKey), {
      instanceId,
      elementKey,
      elementId,
      elementKind,
      scopeKey,
    });
    // The tokens on the flows are used up, and the element instance is one itself.
    countTokens(state, instanceId, scopeKey, 1 - event.flowIds.length);
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
    state.put('deferred', deferredRow(event.instanceId, tokenKey), { tokenKey, flowId, scopeKey, hops });
  },

  'token.resumed'(state, event) {
    state.delete('deferred', deferredRow(event.instanceId, event.tokenKey));
  },
};

function removeElement(state: State, event: EventOf<'element.completed' | 'element.terminated'>): void {
  const { instanceId, elementKey } = event;
  if (elementOf(state, instanceId, elementKey).hasVariables === true) dropVariables(state, instanceId, elementKey);
  state.delete('element', elementRow(instanceId, elementKey));
  countTokens(state, instanceId, event.scopeKey, -1);
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
