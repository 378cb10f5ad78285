import { assert } from '@millrace/std';
import type { DeferredRow, IncidentRow, Key } from '@millrace/records';
import { deferredRow } from '../row-keys.ts';
import type { State } from '../view.ts';
import type { Appliers } from './apply.ts';
import { changeElement, without } from './rows.ts';

export const incidentAppliers: Appliers<'incident.raised' | 'incident.resolved'> = {
  'incident.raised'(state, event) {
    const { incidentKey, instanceId, elementId, elementKey, reason, retry, jobKey, tokenKey, scopeKey, brought } =
      event;
    const row: IncidentRow = {
      incidentKey,
      instanceId,
      elementId,
      reason,
      retry,
      ...(elementKey === undefined ? undefined : { elementKey }),
      ...(jobKey === undefined ? undefined : { jobKey }),
      ...(tokenKey === undefined ? undefined : { tokenKey }),
      ...(scopeKey === undefined ? undefined : { scopeKey }),
      ...(brought === undefined ? undefined : { brought }),
    };
    state.put('incident', incidentKey, row);
    if (elementKey !== undefined) {
      changeElement(state, { instanceId, elementKey }, (element) => ({ ...element, incidentKey }));
    }
    if (tokenKey !== undefined) changeToken(state, row, tokenKey, (token) => ({ ...token, incidentKey }));
  },

  'incident.resolved'(state, event) {
    const { incidentKey, instanceId, elementKey } = event;
    const row = state.get('incident', incidentKey);
    state.delete('incident', incidentKey);
    if (elementKey !== undefined) {
      changeElement(state, { instanceId, elementKey }, (element) => without(element, 'incidentKey'));
    }
    if (row?.tokenKey !== undefined) {
      changeToken(state, row, row.tokenKey, (token) => without(token, 'incidentKey'));
    }
  },
};

function changeToken(
  state: State,
  { instanceId, scopeKey = instanceId }: IncidentRow,
  tokenKey: Key,
  change: (row: DeferredRow) => DeferredRow,
): void {
  const key = deferredRow(instanceId, scopeKey, tokenKey);
  const row = state.get('deferred', key);
  assert(row !== undefined, `expected a row of the deferred token ${key}`);
  state.put('deferred', key, change(row));
}
