import { assert } from '@millrace/std';
import type { BatchRow } from '@millrace/records';
import type { State, View } from '../view.ts';
import type { Appliers } from './apply.ts';

type Kinds = 'batch.started' | 'batch.progressed' | 'batch.ended';

export const batchAppliers: Appliers<Kinds> = {
  'batch.started'(state: State, { batchId, operation, filter }) {
    state.put('batch', batchId, { batchId, operation, filter, cursor: '', done: 0, failed: 0 });
  },

  'batch.progressed'(state: State, { batchId, cursor, done, failed }) {
    state.put('batch', batchId, { ...batchOf(state, batchId), cursor, done, failed });
  },

  'batch.ended'(state: State, { batchId }) {
    state.delete('batch', batchId);
  },
};

function batchOf(view: View, batchId: string): BatchRow {
  const row = view.get('batch', batchId);
  assert(row !== undefined, `expected a row of batch ${batchId}`);
  return row;
}
