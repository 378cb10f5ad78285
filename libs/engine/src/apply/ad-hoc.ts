import { instanceOf, changeElement, without } from './rows.ts';
import type { Appliers } from './apply.ts';

type Kinds = 'adHoc.queued' | 'adHoc.dequeued' | 'adHoc.fulfilled';

export const adHocAppliers: Appliers<Kinds> = {
  'adHoc.queued'(state, event) {
    const { instanceId, variableBytes, beginnings } = event;
    changeElement(state, event, (row) => ({ ...row, queued: [...(row.queued ?? []), ...beginnings] }));
    state.put('instance', instanceId, { ...instanceOf(state, instanceId), variableBytes });
  },

  'adHoc.dequeued'(state, event) {
    const { instanceId, variableBytes, isClosed } = event;
    changeElement(state, event, (row) => {
      const left = isClosed === true ? [] : (row.queued?.slice(1) ?? []);
      return left.length > 0 ? { ...row, queued: left } : without(row, 'queued');
    });
    state.put('instance', instanceId, { ...instanceOf(state, instanceId), variableBytes });
  },

  'adHoc.fulfilled'(state, event) {
    changeElement(state, event, (row) => ({ ...row, isFulfilled: true }));
  },
};
