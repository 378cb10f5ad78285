import * as fc from 'fast-check';
import type { BatchOperation, CommandOf, InstanceId } from '@millrace/records';
import type { Cluster } from './cluster.ts';
import { startMessages } from './random-starts.ts';

/**
 * What people and operators ask beside what a process itself waits for: tasks claimed and changed, processes suspended, starts with
 * all their options, messages by id, conditions, batches. `operate` sends it and waits for nothing.
 */

const pick = fc.nat(1_000_000);

type StartOptions = Partial<CommandOf<'startInstance'>>;

const startOptions = fc.constantFrom<StartOptions>(
  { businessKey: 'b1' },
  { remember: true },
  { expiresAfterMs: 20_000 },
  { flowName: 'flow', businessKey: 'b2' },
  { definitionVersion: 2 },
);

/** `migrate` to the version that lacks what guards, under the same ids. */
const batchOperation = fc.constantFrom<BatchOperation>(
  { kind: 'suspend', reason: 'stop' },
  { kind: 'resume' },
  { kind: 'cancel', reason: 'recall' },
  { kind: 'updateVariables', variables: { n: 4 } },
  { kind: 'resolveIncidents', retries: 1 },
  { kind: 'modify', activate: [{ elementId: 'e1' }], terminate: [] },
  { kind: 'modify', activate: [], terminate: [{ elementId: 'e2' }] },
  { kind: 'migrate', definitionVersion: 3, mapping: {} },
);

const processId = fc.constantFrom('p', 'q', 's');

export const operation = fc.oneof(
  fc.record({ kind: fc.constant('startWith' as const), options: startOptions }),
  fc.record({ kind: fc.constant('claimTask' as const), which: pick }),
  fc.record({ kind: fc.constant('unclaimTask' as const), which: pick }),
  fc.record({ kind: fc.constant('updateTask' as const), which: pick }),
  fc.record({ kind: fc.constant('executeAction' as const), which: pick }),
  fc.record({ kind: fc.constant('suspendDefinition' as const), processId }),
  fc.record({ kind: fc.constant('resumeDefinition' as const), processId }),
  fc.record({ kind: fc.constant('messageOnce' as const), messageId: fc.constantFrom('m1', 'm2') }),
  fc.record({
    kind: fc.constant('messageStart' as const),
    name: fc.constantFrom(...startMessages),
    key: fc.constantFrom('', 'k'),
    ttlMs: fc.constantFrom(0, 30_000),
  }),
  fc.record({ kind: fc.constant('signalStart' as const) }),
  fc.record({ kind: fc.constant('evaluateConditions' as const), n: fc.nat(4) }),
  fc.record({ kind: fc.constant('updateScope' as const), which: pick }),
  fc.record({ kind: fc.constant('cancelCalled' as const), which: pick }),
  fc.record({ kind: fc.constant('batch' as const), operation: batchOperation, processId }),
  fc.record({ kind: fc.constant('cancelBatch' as const), which: pick }),
);

export type Operation = typeof operation extends fc.Arbitrary<infer O> ? O : never;

const kinds: ReadonlySet<string> = new Set<Operation['kind']>([
  'startWith',
  'claimTask',
  'unclaimTask',
  'updateTask',
  'executeAction',
  'suspendDefinition',
  'resumeDefinition',
  'messageOnce',
  'messageStart',
  'signalStart',
  'evaluateConditions',
  'updateScope',
  'cancelCalled',
  'batch',
  'cancelBatch',
]);

export function isOperation(action: { readonly kind: string }): action is Operation {
  return kinds.has(action.kind);
}

export function operate(cluster: Cluster, next: Operation, started: InstanceId[]): void {
  const one = <Item>(items: readonly Item[], which: number): Item | undefined =>
    items[which % Math.max(items.length, 1)];
  const everywhere = cluster.partitions.keys();
  switch (next.kind) {
    case 'startWith':
      started.push(cluster.launch('p', { key: 'k', n: 0 }, next.options));
      return;
    case 'claimTask':
    case 'unclaimTask':
    case 'updateTask': {
      const task = one(cluster.all('task.created'), next.which);
      if (task === undefined) return;
      const taskKey = task.elementKey;
      if (next.kind === 'claimTask') cluster.send({ kind: 'claimTask', taskKey, assignee: `user-${next.which % 2}` });
      else if (next.kind === 'unclaimTask') cluster.send({ kind: 'unclaimTask', taskKey });
      else {
        const changes = { assignee: next.which % 2 === 0 ? 'eve' : null, priority: 70, candidateGroups: ['clerks'] };
        cluster.send({ kind: 'updateTask', taskKey, changes });
      }
      return;
    }
    case 'executeAction': {
      const task = one(cluster.all('task.created'), next.which);
      if (task === undefined) return;
      const { instanceId, elementKey, action } = task;
      cluster.send({ kind: 'executeAction', instanceId, elementKey, action, variables: { result: 1 } });
      return;
    }
    case 'suspendDefinition':
    case 'resumeDefinition':
      for (const partition of everywhere) cluster.send({ kind: next.kind, processId: next.processId, partition });
      return;
    case 'messageOnce':
      cluster.send({
        kind: 'publishMessage',
        name: 'go',
        correlationKey: 'k',
        messageId: next.messageId,
        ttlMs: 15_000,
        variables: {},
      });
      return;
    case 'messageStart':
      cluster.send({
        kind: 'publishMessage',
        name: next.name,
        correlationKey: next.key,
        ttlMs: next.ttlMs,
        variables: { key: 'k', n: 1 },
      });
      return;
    case 'signalStart':
      cluster.send({ kind: 'broadcastSignal', name: 'begin', variables: { key: 'k' } });
      return;
    case 'evaluateConditions':
      cluster.send({ kind: 'evaluateConditions', variables: { key: 'k', n: next.n } });
      return;
    case 'updateScope': {
      const entered = one(cluster.all('element.entered'), next.which);
      if (entered === undefined) return;
      const { instanceId, elementKey: scopeKey } = entered;
      cluster.send({ kind: 'updateVariables', instanceId, scopeKey, variables: { n: 2, local: 3 } });
      return;
    }
    case 'cancelCalled': {
      const called = one(cluster.all('process.called'), next.which);
      if (called !== undefined) cluster.send({ kind: 'cancelInstance', instanceId: called.calledId });
      return;
    }
    case 'batch': {
      const batchId = `batch-${cluster.events.length}`;
      const filter = { processId: next.processId };
      for (const partition of everywhere)
        cluster.send({ kind: 'startBatch', batchId, partition, operation: next.operation, filter });
      return;
    }
    case 'cancelBatch': {
      const begun = one(cluster.all('batch.started'), next.which);
      if (begun === undefined) return;
      const { batchId, partition } = begun;
      cluster.send({ kind: 'cancelBatch', batchId, partition });
      return;
    }
  }
}
