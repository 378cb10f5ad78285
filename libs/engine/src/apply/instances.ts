import type { EventOf, InstanceRow } from '@millrace/records';
import { collectKeys } from '../collect.ts';
import { ofInstance, variablesRow } from '../row-keys.ts';
import type { State } from '../view.ts';
import type { Appliers } from './apply.ts';
import { changeElement, instanceOf } from './rows.ts';

type Kinds =
  | 'instance.started'
  | 'instance.ending'
  | 'instance.completed'
  | 'instance.terminated'
  | 'instance.cancelled'
  | 'instance.expired'
  | 'instance.forgotten'
  | 'variables.changed';

export const instanceAppliers: Appliers<Kinds> = {
  'instance.started'(state, event) {
    const row: InstanceRow = {
      instanceId: event.instanceId,
      processId: event.processId,
      definitionKey: event.definitionKey,
      definitionVersion: event.definitionVersion,
      startedAt: event.at,
      phase: 'active',
      tokens: 0,
      variableBytes: event.variableBytes,
      ...(event.businessKey === undefined ? undefined : { businessKey: event.businessKey }),
      ...(event.parent === undefined ? undefined : { parent: event.parent }),
      ...(event.remember === true ? { remember: true } : undefined),
      ...(event.message === undefined ? undefined : { message: event.message }),
      ...(event.traceparent === undefined ? undefined : { traceparent: event.traceparent }),
    };
    state.put('instance', event.instanceId, row);
    state.put('variables', variablesRow(event.instanceId, event.instanceId), { values: event.variables });
  },

  'instance.ending'(state, event) {
    const row = instanceOf(state, event.instanceId);
    state.put('instance', event.instanceId, {
      ...row,
      phase: 'ending',
      endingAs: event.as,
      ...(event.reason === undefined ? undefined : { endingReason: event.reason }),
    });
  },

  'instance.completed': forgetRows,
  'instance.terminated': forgetRows,
  'instance.cancelled': forgetRows,
  'instance.expired': forgetRows,

  'instance.forgotten'(state, event) {
    state.delete('remembered', event.instanceId);
  },

  'variables.changed'(state, event) {
    const { instanceId, scopeKey } = event;
    const key = variablesRow(instanceId, scopeKey);
    const before = state.get('variables', key);
    state.put('variables', key, {
      values: before === undefined ? event.values : { ...before.values, ...event.values },
    });
    if (before === undefined && scopeKey !== instanceId) {
      changeElement(state, { instanceId, elementKey: scopeKey }, (row) => ({ ...row, hasVariables: true }));
    }
    const instance = instanceOf(state, instanceId);
    if (instance.variableBytes !== event.variableBytes) {
      state.put('instance', instanceId, { ...instance, variableBytes: event.variableBytes });
    }
  },
};

/** E6. Elements have closed what they waited for; what is left is what no element owns. */
function forgetRows(
  state: State,
  event: EventOf<'instance.completed' | 'instance.terminated' | 'instance.cancelled' | 'instance.expired'>,
): void {
  const { instanceId } = event;
  if ((instanceOf(state, instanceId).held ?? 0) > 0) {
    for (const key of collectKeys(state, 'held', ofInstance(instanceId))) state.delete('held', key);
  }
  if (instanceOf(state, instanceId).compensables !== undefined) {
    for (const key of collectKeys(state, 'compensable', ofInstance(instanceId))) state.delete('compensable', key);
  }
  state.delete('instance', instanceId);
  state.delete('variables', variablesRow(instanceId, instanceId));
  // Only an early end leaves tokens on flows: a completed instance has none anywhere.
  if (event.kind !== 'instance.completed') {
    for (const table of ['join', 'deferred'] as const) {
      for (const key of collectKeys(state, table, ofInstance(instanceId))) state.delete(table, key);
    }
  }
  if (event.rememberedUntil !== undefined) {
    state.put('remembered', instanceId, { processId: event.processId, rememberedUntil: event.rememberedUntil });
  }
}
