import { assert } from '@millrace/std';
import { joinRow } from '../row-keys.ts';
import type { Appliers } from './apply.ts';

type Kinds = 'gateway.activated' | 'gateway.resetting' | 'gateway.reset';

export const gatewayAppliers: Appliers<Kinds> = {
  'gateway.activated'(state, { instanceId, scopeKey, elementId, flowIds }) {
    state.put('gatewayPhase', joinRow(instanceId, scopeKey, elementId), { consumed: flowIds });
  },

  'gateway.resetting'(state, { instanceId, scopeKey, elementId, elementKey }) {
    const key = joinRow(instanceId, scopeKey, elementId);
    const row = state.get('gatewayPhase', key);
    assert(row !== undefined, `expected the gateway ${key} to be activated`);
    state.put('gatewayPhase', key, { ...row, resettingKey: elementKey });
  },

  'gateway.reset'(state, { instanceId, scopeKey, elementId }) {
    state.delete('gatewayPhase', joinRow(instanceId, scopeKey, elementId));
  },
};
