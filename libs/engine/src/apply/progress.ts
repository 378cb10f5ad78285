import { deferredRow, joinRow, variablesRow } from '../row-keys.ts';
import type { Appliers } from './apply.ts';
import { changeHolder, countTokens, instanceOf } from './rows.ts';

type Kinds =
  | 'stage.entered'
  | 'milestone.reached'
  | 'step.passed'
  | 'token.movedBack'
  | 'tokens.withdrawn'
  | 'variables.removed';

export const progressAppliers: Appliers<Kinds> = {
  'stage.entered'(state, { instanceId, stage }) {
    state.put('instance', instanceId, { ...instanceOf(state, instanceId), stage });
  },

  'milestone.reached': () => undefined,

  'step.passed'(state, { instanceId, scopeKey, elementId }) {
    changeHolder(state, instanceId, scopeKey, ({ passed = [] }) => ({ passed: [...passed, elementId] }));
  },

  'token.movedBack': () => undefined,

  'tokens.withdrawn'(state, { instanceId, scopeKey, gatewayIds, tokenKeys }) {
    let gone = tokenKeys.length;
    for (const gatewayId of gatewayIds) {
      const key = joinRow(instanceId, scopeKey, gatewayId);
      for (const waiting of Object.values(state.get('join', key)?.waiting ?? {})) gone += waiting;
      state.delete('join', key);
    }
    for (const tokenKey of tokenKeys) state.delete('deferred', deferredRow(instanceId, scopeKey, tokenKey));
    countTokens(state, instanceId, scopeKey, -gone);
  },

  'variables.removed'(state, { instanceId, scopeKey, names, variableBytes }) {
    const key = variablesRow(instanceId, scopeKey);
    const before = state.get('variables', key)?.values ?? {};
    const values = Object.fromEntries(Object.entries(before).filter(([name]) => !names.includes(name)));
    state.put('variables', key, { values });
    state.put('instance', instanceId, { ...instanceOf(state, instanceId), variableBytes });
  },
};
