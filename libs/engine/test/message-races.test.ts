import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InstanceId, MessageRow, SubscriptionRow } from '@millrace/records';
import { Cluster } from './support/cluster.ts';
import { boundary, catching, end, job, messageTrigger, model, start, startBy } from './support/model.ts';

/** M1, under every order in which the partitions may get their turns, and every moment at which an instance may end. */

const once = model('once', { start, wait: catching(messageTrigger('m', '=key')), end }, ['start -> wait -> end']);
const again = model('again', { start, wait: catching(messageTrigger('m', '=key')) }, ['start -> wait -> wait']);
const beside = model(
  'beside',
  { start, work: job('w'), ping: boundary('work', messageTrigger('m', '=key'), false), end },
  ['start -> work -> end', 'ping -> end'],
);
const begins = model('begins', { m: startBy({ kind: 'startMessage', name: 'm' }), work: job('w') }, ['m -> work']);

const key = fc.constantFrom('k1', 'k2', 'k3');
const action = fc.oneof(
  fc.record({ kind: fc.constant('start' as const), process: fc.constantFrom('once', 'again', 'beside'), key }),
  fc.record({ kind: fc.constant('publish' as const), key, ttlMs: fc.constantFrom(0, 60_000, 600_000) }),
  fc.record({ kind: fc.constant('cancel' as const), which: fc.nat() }),
  fc.record({ kind: fc.constant('complete' as const), which: fc.nat() }),
  fc.record({ kind: fc.constant('steps' as const), count: fc.nat(8) }),
  fc.record({ kind: fc.constant('expire' as const) }),
);

describe('messages between partitions', () => {
  it('are lost to nobody, reach no process twice, and are always answered', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(
        fc.array(action, { minLength: 5, maxLength: 50 }),
        fc.infiniteStream(fc.nat(11)),
        fc.boolean(),
        (actions, choices, withStartEvent) => {
          const cluster = new Cluster(4).install(once).install(again).install(beside);
          if (withStartEvent) cluster.deploy(begins);
          cluster.pick = (count) => (choices.next().value as number) % count;
          const started: InstanceId[] = [];
          let published = 0;
          for (const next of actions) {
            if (next.kind === 'start') started.push(cluster.launch(next.process, { key: next.key }));
            else if (next.kind === 'publish') {
              published += 1;
              const { key: correlationKey, ttlMs } = next;
              cluster.send({
                kind: 'publishMessage',
                name: 'm',
                correlationKey,
                ttlMs,
                variables: {},
                requestId: `r${published}`,
              });
            } else if (next.kind === 'cancel') {
              const instanceId = started[next.which % Math.max(1, started.length)];
              if (instanceId !== undefined) cluster.send({ kind: 'cancelInstance', instanceId });
            } else if (next.kind === 'complete') {
              const offered = cluster.jobs()[next.which % Math.max(1, cluster.jobs().length)];
              if (offered === undefined) continue;
              const { instanceId, jobKey } = offered;
              cluster.send({ kind: 'completeJob', instanceId, jobKey, variables: {} });
            } else if (next.kind === 'steps') {
              for (let step = 0; step < next.count; step += 1) cluster.stepOnce();
            } else {
              // Without settling first: answers may be under way while the message's time runs out.
              cluster.now += 30_000;
              cluster.fireDue();
            }
          }
          cluster.settle();
          expectNoneTwice(cluster);
          expectNoneLost(cluster);
          const answers = cluster.all('message.settled').map(({ requestId = 'none' }) => requestId);
          expect(answers.sort()).toEqual(Array.from({ length: published }, (_, at) => `r${at + 1}`).sort());
        },
      ),
      { numRuns: 500 },
    );
  });
});

function expectNoneTwice(cluster: Cluster): void {
  const taken = cluster.all('wait.correlated').map(({ messageKey, instanceId }) => {
    const { processId } = cluster.all('instance.started').find((event) => event.instanceId === instanceId) ?? {};
    return `${messageKey} ${processId}`;
  });
  expect(new Set(taken).size).toBe(taken.length);
  const confirmed = cluster
    .all('message.correlated')
    .map(({ messageKey, instanceId }) => `${messageKey} ${instanceId}`);
  const received = cluster.all('wait.correlated').map(({ messageKey, instanceId }) => `${messageKey} ${instanceId}`);
  expect(confirmed.sort()).toEqual(received.sort());
}

/** At rest, nobody waits for a message that lives and that its process has not had. */
function expectNoneLost(cluster: Cluster): void {
  for (const { state } of cluster.partitions) {
    const rows = state.dump();
    const messages = Object.values(rows['message'] ?? {}) as MessageRow[];
    const subscriptions = Object.values(rows['subscription'] ?? {}) as SubscriptionRow[];
    for (const message of messages) {
      expect(message.pending).toEqual({});
      expect(message.expiresAt).toBeDefined();
      const missed = subscriptions.filter(
        ({ correlationKey, processId }) =>
          correlationKey === message.correlationKey && !message.taken.includes(processId),
      );
      expect(missed).toEqual([]);
    }
    for (const { offered } of subscriptions) expect(offered).toBeUndefined();
  }
}
