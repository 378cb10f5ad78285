import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OffsetFetchResponse } from '../../src/index.ts';
import { GroupBench } from './group-bench.ts';

const topic = fc.constantFrom('t', 'u');
const producer = fc.nat(2);
const step = fc.oneof(
  fc.record({ act: fc.constant('commit' as const), topic, offset: fc.nat(99) }),
  fc.record({ act: fc.constant('pending' as const), producer, offset: fc.nat(99) }),
  fc.record({
    act: fc.constant('marker' as const),
    producer,
    result: fc.constantFrom('commit' as const, 'abort' as const),
  }),
  fc.record({ act: fc.constant('deleteTopic' as const), topic }),
  fc.record({ act: fc.constant('deleteGroup' as const) }),
  fc.record({ act: fc.constant('deleteOffset' as const), topic }),
  fc.record({ act: fc.constant('joinAndLeave' as const) }),
  fc.record({ act: fc.constant('time' as const), ms: fc.nat(60_000) }),
);

function act(bench: GroupBench, one: typeof step extends fc.Arbitrary<infer T> ? T : never): void {
  switch (one.act) {
    case 'commit':
      bench.commit(one.offset, {}, one.topic);
      return;
    case 'pending':
      bench.commitInTransaction(one.offset, one.producer);
      return;
    case 'marker':
      return bench.endTransaction(one.producer, one.result);
    case 'deleteTopic':
      return bench.run((groups) => groups.topicDeleted(one.topic, bench.now));
    case 'deleteGroup':
      return bench.run((groups) => groups.deleteGroup({ groupId: 'g' }, bench.caller(), bench.now));
    case 'deleteOffset': {
      const topics = [{ name: one.topic, partitions: [{ partition: 0 }] }];
      return bench.run((groups) => groups.offsetDelete({ groupId: 'g', topics }, bench.caller(), bench.now));
    }
    case 'joinAndLeave': {
      const [member] = bench.stableGroup('a');
      bench.leave(member);
      return;
    }
    case 'time':
      return bench.advance(one.ms);
  }
}

/** Everything that a client can see of the group. */
function visible(bench: GroupBench): unknown {
  const caller = bench.caller();
  const request = { groupId: 'g', topics: null, requireStable: false };
  bench.run((groups) => groups.offsetFetch(request, caller, bench.now));
  const { topics } = bench.answers.get(caller.to) as OffsetFetchResponse;
  const offsets = topics.toSorted((a, b) => a.name.localeCompare(b.name));
  return { group: bench.describe(), offsets, stable: [bench.fetch(true, 't'), bench.fetch(true, 'u')] };
}

describe('loading the log', () => {
  it('leads to the state that the live coordinator was in, wherever the log ends', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
        const bench = new GroupBench({ offsetsRetentionMs: 200_000, retentionCheckMs: 30_000 });
        for (const one of steps) {
          act(bench, one);
          const live = visible(bench);
          bench.crash();
          expect(visible(bench)).toEqual(live);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('leads there as well from the beginning of a long log', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
        const bench = new GroupBench({ offsetsRetentionMs: 200_000, retentionCheckMs: 30_000 });
        for (const one of steps) act(bench, one);
        const live = visible(bench);
        bench.crash();
        expect(visible(bench)).toEqual(live);
      }),
      { numRuns: 200 },
    );
  });
});
