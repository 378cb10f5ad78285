import * as fc from 'fast-check';
import { expect } from 'vitest';
import { assert } from '@millrace/std';
import type { ExecutableProcess } from '@millrace/bpmn';
import { readDecisions } from '@millrace/dmn';
import { type AdHocResult, type EventOf, type InstanceId, type Variables, definitionKey } from '@millrace/records';
import { type JobOutput, MESSAGE_TTL_MS_MAX } from '../../src/index.ts';
import { Cluster } from './cluster.ts';
import { randomModel } from './random-model.ts';
import { randomParameters } from './random-parameters.ts';
import { isOperation, operate, operation } from './random-operations.ts';

/**
 * Whatever the process and whatever happens to it, in whatever order its partitions get their turns: the soundness checks
 * hold (fold = state, tokens counted, nothing left behind), nothing throws, and everything can be ended.
 */

const dmn = `<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="test">
  <decision id="Double" name="Double"><variable name="Double"/><literalExpression><text>n * 2</text></literalExpression></decision>
</definitions>`;
const { decisions: read } = await readDecisions(dmn);
assert(read !== undefined, 'expected the decision to be read');
const double = read;

const pick = fc.nat(1_000_000);

const action = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('start' as const), n: fc.option(fc.nat(3), { nil: undefined }) }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('completeJob' as const), which: pick }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('failJob' as const), which: pick, retries: fc.nat(2) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('error' as const), which: pick, code: fc.constantFrom('E1', 'E2') }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('completeTask' as const), which: pick }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('message' as const),
      name: fc.constantFrom('go', 'nudge'),
      key: fc.constantFrom('k', 'fixed'),
      ttlMs: fc.constantFrom(0, 15_000),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('reply' as const), which: pick }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('signal' as const),
      name: fc.constantFrom('alarm', 'quiet', 'loud'),
      signalId: fc.constantFrom(undefined, 's1'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('resolve' as const), which: pick }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const), which: pick }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('mend' as const), which: pick }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('suspendInstance' as const), which: pick }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('resumeInstance' as const), which: pick }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('modify' as const), which: pick, at: pick, terminate: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('activateElements' as const), which: pick, at: pick }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('executeAction' as const),
      which: pick,
      action: fc.constantFrom('x0', 'x1', 'x2', 'complete'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('callback' as const), which: pick, action: fc.constantFrom('x0', 'x1') }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('back' as const),
      which: pick,
      withOthers: fc.boolean(),
      at: fc.option(pick),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('migrate' as const), which: pick }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('work' as const), which: pick }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('takeOver' as const), which: pick }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(40_000) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('steps' as const), count: fc.nat(6) }) },
);

const anything = fc.oneof({ weight: 4, arbitrary: action }, { weight: 1, arbitrary: operation });

type Action = typeof action extends fc.Arbitrary<infer A> ? A : never;

/**
 * @param crashesAlways partitions crash and move at every step: each step then costs as much as all before it.
 * @param process what the instances run by; one of them is running when anything else happens, unless it is any process.
 */
export function checkAnyProcess(
  runs: number,
  { crashesAlways = false, process }: { crashesAlways?: boolean; process?: fc.Arbitrary<ExecutableProcess> } = {},
): void {
  fc.assert(
    fc.property(
      process ?? randomModel('p'),
      randomModel('q'),
      randomModel('s'),
      fc.array(anything, { minLength: 5, maxLength: 40 }),
      fc.infiniteStream(fc.nat(7)),
      fc.integer({ min: 1, max: 3 }),
      (caller, called, startedByOthers, actions, choices, partitionCount) => {
        const cluster = new Cluster(partitionCount).install(renamed(caller), 2).install(withoutBoundaries(caller), 3);
        cluster.install(caller).install(called);
        cluster.deploy(startedByOthers);
        cluster.definitions.decisions.push({ decisionId: 'Double', version: 1, model: double });
        cluster.crashesAlways = crashesAlways;
        cluster.pick = (count) => (choices.next().value as number) % count;
        const started: InstanceId[] = [];
        act(cluster, { kind: 'start', n: process === undefined ? undefined : 0 }, started);
        if (process !== undefined) cluster.settle();
        for (const next of actions) {
          if (isOperation(next)) operate(cluster, next, started);
          else act(cluster, next, started);
        }
        cluster.settle();
        endAll(cluster);
        expect(cluster.rowsWith('').filter((row) => !isOfDefinition(row))).toEqual([]);
        for (const { instanceId } of cluster.all('instance.started')) expect(endsOf(cluster, instanceId)).toBe(1);
      },
    ),
    randomParameters(runs),
  );
}

/** Whatever still runs is ended, and time goes by until nothing is remembered. */
function endAll(cluster: Cluster): void {
  for (const processId of ['p', 'q', 's'])
    for (const partition of cluster.partitions.keys()) cluster.send({ kind: 'resumeDefinition', processId, partition });
  cluster.settle();
  // The timer that starts one; and what ends gives messages back, which may start others.
  cluster.pass(60_000);
  for (let isLeft = true; isLeft; ) {
    const running = cluster.partitions.flatMap(({ state }) => [...state.range('instance', { prefix: '' })]);
    for (const [, { instanceId, parent }] of running)
      if (parent === undefined) cluster.send({ kind: 'cancelInstance', instanceId });
    cluster.settle();
    answerLast(cluster);
    isLeft = running.length > 0;
  }
  cluster.pass(MESSAGE_TTL_MS_MAX);
}

/** What stays as long as the process is deployed. */
function isOfDefinition(row: string): boolean {
  return /^(definition|messageStart|signalStart|conditionStart) /.test(row);
}

/** The same model with other ids: everything fits, and everything must go on. */
function renamed(process: ExecutableProcess): ExecutableProcess {
  return JSON.parse(JSON.stringify(process).replaceAll(/\be(\d+)\b/g, 'f$1')) as ExecutableProcess;
}

/** All that guards an activity is gone, but for what a transaction cannot be without: what has been opened must be closed. */
function withoutBoundaries(process: ExecutableProcess): ExecutableProcess {
  const kept = Object.entries(process.elements).filter(
    ([, node]) => node.kind !== 'boundaryEvent' || node.trigger.kind === 'cancel',
  );
  const elements = Object.fromEntries(kept);
  const left = Object.entries(process.boundaryEvents).map(
    ([id, events]) => [id, events.filter((event) => event in elements)] as const,
  );
  return { ...process, elements, boundaryEvents: Object.fromEntries(left) };
}

/** From whichever version the instance runs by: only version 2 has other ids. */
function mappingTo({ definitions }: Cluster, version: number): Record<string, string> {
  const [one, two] = [1, 2].map((each) => definitions.models.get(definitionKey('p', each)));
  const idsOf = (model = one): string[] => [...Object.keys(model?.elements ?? {}), ...Object.keys(model?.flows ?? {})];
  const pairs = idsOf(one).map((id, index) => [id, idsOf(two)[index] ?? id] as const);
  return Object.fromEntries(version === 2 ? pairs : pairs.map(([id, other]) => [other, id]));
}

function endsOf(cluster: Cluster, id: InstanceId): number {
  const kinds = ['instance.completed', 'instance.terminated', 'instance.cancelled', 'instance.expired'] as const;
  return kinds.flatMap((kind) => cluster.all(kind)).filter(({ instanceId }) => instanceId === id).length;
}

/** Those that wait, and now and then all that ever were: an answer may come late, or twice. */
function jobsToAnswer(cluster: Cluster, which: number): JobOutput[] {
  const jobs = cluster.jobs();
  const waits = ({ jobKey }: JobOutput): boolean =>
    cluster.partitions.some(({ state }) => state.get('job', jobKey) !== undefined);
  return which % 4 === 0 ? jobs : jobs.filter(waits);
}

function tasksToDo(cluster: Cluster, which: number): EventOf<'task.created'>[] {
  const tasks = cluster.all('task.created');
  const waits = (key: string): boolean => cluster.partitions.some(({ state }) => state.get('task', key) !== undefined);
  return which % 4 === 0 ? tasks : tasks.filter(({ elementKey }) => waits(elementKey));
}

/** Everybody does what there is to do, once. */
function workOff(cluster: Cluster, which: number): void {
  cluster.settle();
  for (const job of jobsToAnswer(cluster, 1).slice(-WORK_MAX)) {
    const { instanceId, jobKey } = job;
    cluster.send({ kind: 'completeJob', instanceId, jobKey, variables: answerTo(job, which) });
  }
  for (const { elementKey: taskKey } of tasksToDo(cluster, 1).slice(-WORK_MAX)) {
    cluster.send({ kind: 'completeTask', taskKey, variables: {} });
  }
}

const WORK_MAX = 10;

/** What a plugin answers: listeners of tasks bring no variables, and deny or correct now and then. */
function answerTo({ task }: JobOutput, which: number): Variables {
  if (task === undefined) return { result: 1, local: 2 };
  const answers: readonly Variables[] = [
    {},
    { denied: true },
    { corrections: { assignee: 'zoe', dueDate: null } },
    { local: 2 },
  ];
  return answers[which % 5] ?? {};
}

/** What has been cancelled waits for those that listen to that. */
function answerLast(cluster: Cluster): void {
  for (let round = 0; round < 20; round += 1) {
    const waiting = cluster.partitions.flatMap(({ state }) =>
      [...state.range('element', { prefix: '' })]
        .map(([, row]) => row)
        .filter(({ listening }) => listening !== undefined),
    );
    if (waiting.length === 0) return;
    for (const { instanceId, jobKey, incidentKey } of waiting) {
      if (incidentKey !== undefined) cluster.send({ kind: 'resolveIncident', incidentKey });
      if (jobKey !== undefined) cluster.send({ kind: 'completeJob', instanceId, jobKey, variables: {} });
    }
    cluster.settle();
  }
}

/** What the job of an ad-hoc sub-process may say: some of it wrong. */
function directionOf(cluster: Cluster, { elementId }: JobOutput, which: number): AdHocResult {
  const models = [...cluster.definitions.models.values()];
  const inside = models.flatMap(({ elements }) => Object.values(elements)).filter(({ scope }) => scope === elementId);
  const chosen = inside[which % Math.max(inside.length, 1)]?.id ?? '';
  if (which % 5 === 0) return { isCompletionConditionFulfilled: true, isCancelRemainingInstances: which % 2 === 0 };
  return which % 5 === 1 ? {} : { activateElements: [{ elementId: chosen, variables: { n: which % 4 } }] };
}

/** Sends what is asked without waiting for anything to come of it, but where time passes. */
function act(cluster: Cluster, next: Action, started: InstanceId[]): void {
  const one = <Item>(items: readonly Item[], which: number): Item | undefined =>
    items[which % Math.max(items.length, 1)];
  switch (next.kind) {
    case 'start':
      started.push(cluster.launch('p', { key: 'k', ...(next.n === undefined ? undefined : { n: next.n }) }));
      return;
    case 'completeJob': {
      const job = one(jobsToAnswer(cluster, next.which), next.which);
      if (job === undefined) return;
      cluster.send({
        kind: 'completeJob',
        instanceId: job.instanceId,
        jobKey: job.jobKey,
        variables: answerTo(job, next.which),
        ...(job.directs === true ? { adHoc: directionOf(cluster, job, next.which) } : undefined),
      });
      return;
    }
    case 'failJob': {
      const job = one(jobsToAnswer(cluster, next.which), next.which);
      if (job === undefined) return;
      const { instanceId, jobKey, attempt } = job;
      cluster.send({ kind: 'failJob', instanceId, jobKey, attempt, message: 'no', retries: next.retries });
      return;
    }
    case 'error': {
      const job = one(jobsToAnswer(cluster, next.which), next.which);
      if (job === undefined) return;
      const { instanceId, jobKey, attempt } = job;
      cluster.send({ kind: 'throwJobError', instanceId, jobKey, attempt, code: next.code, variables: { why: 1 } });
      return;
    }
    case 'completeTask': {
      const task = one(tasksToDo(cluster, next.which), next.which);
      if (task !== undefined) cluster.send({ kind: 'completeTask', taskKey: task.elementKey, variables: {} });
      return;
    }
    case 'message':
      cluster.send({
        kind: 'publishMessage',
        name: next.name,
        correlationKey: next.key,
        ttlMs: next.ttlMs,
        variables: { news: true },
      });
      return;
    case 'signal':
      cluster.send({
        kind: 'broadcastSignal',
        name: next.name,
        variables: { loud: true },
        ...(next.signalId === undefined ? undefined : { signalId: next.signalId }),
      });
      return;
    case 'reply': {
      const instanceId = one(started, next.which);
      if (instanceId === undefined) return;
      cluster.send({ kind: 'receiveReply', instanceId, topic: 'engine.receive.x', value: { ok: true } });
      return;
    }
    case 'resolve': {
      const incident = one(cluster.all('incident.raised'), next.which);
      if (incident !== undefined) cluster.send({ kind: 'resolveIncident', incidentKey: incident.incidentKey });
      return;
    }
    case 'cancel': {
      const instanceId = one(started, next.which);
      if (instanceId !== undefined) cluster.send({ kind: 'cancelInstance', instanceId });
      return;
    }
    case 'mend': {
      const instanceId = one(started, next.which);
      if (instanceId === undefined) return;
      cluster.send({ kind: 'updateVariables', instanceId, variables: { n: 5, missing: 'd', local: 1, result: 1 } });
      return;
    }
    case 'modify': {
      const instanceId = one(started, next.which);
      const elementId = one(cluster.all('element.entered'), next.at)?.elementId ?? '';
      if (instanceId === undefined) return;
      const [activate, terminate] = next.terminate ? [[], [{ elementId }]] : [[{ elementId }], []];
      cluster.send({ kind: 'modifyInstance', instanceId, activate, terminate });
      return;
    }
    case 'activateElements': {
      const adHocs = cluster.all('element.entered').filter(({ elementKind }) => elementKind === 'adHocSubProcess');
      const entered = one(adHocs, next.which);
      if (entered === undefined) return;
      const { instanceId, elementKey, elementId } = entered;
      const models = [...cluster.definitions.models.values()];
      const inside = models
        .flatMap(({ elements }) => Object.values(elements))
        .filter(({ scope }) => scope === elementId);
      const id = one(inside, next.at)?.id ?? '';
      cluster.send({ kind: 'activateElements', instanceId, elementKey, elementIds: [id] });
      return;
    }
    case 'executeAction': {
      const opened = one(cluster.all('actions.opened'), next.which);
      if (opened === undefined) return;
      const { instanceId, elementKey } = opened;
      cluster.send({ kind: 'executeAction', instanceId, elementKey, action: next.action, variables: { result: 1 } });
      return;
    }
    case 'callback': {
      const instanceId = one(started, next.which);
      if (instanceId === undefined) return;
      const { action: callbackFor } = next;
      cluster.send({ kind: 'receiveReply', instanceId, topic: 'engine.receive.x', value: { ok: true }, callbackFor });
      return;
    }
    case 'back': {
      const entered = one(cluster.all('element.entered'), next.which);
      if (entered === undefined) return;
      const { instanceId, elementKey } = entered;
      const to = next.at === null ? undefined : one(cluster.all('step.passed'), next.at)?.elementId;
      cluster.send({
        kind: 'moveTokenBack',
        instanceId,
        elementKey,
        ...(to === undefined ? undefined : { to }),
        ...(next.withOthers ? { withOthers: true } : undefined),
      });
      return;
    }
    case 'migrate': {
      const instanceId = one(started, next.which);
      if (instanceId === undefined) return;
      const definitionVersion = 1 + (next.which % 3);
      cluster.send({
        kind: 'migrateInstance',
        instanceId,
        definitionVersion,
        mapping: mappingTo(cluster, definitionVersion),
      });
      return;
    }
    case 'suspendInstance':
    case 'resumeInstance': {
      const instanceId = one(started, next.which);
      if (instanceId !== undefined) cluster.send({ kind: next.kind, instanceId });
      return;
    }
    case 'work':
      return workOff(cluster, next.which);
    case 'takeOver':
      cluster.takeOver(next.which % cluster.partitions.length);
      return;
    case 'pass':
      cluster.settle();
      cluster.pass(next.ms);
      return;
    case 'steps':
      for (let step = 0; step < next.count; step += 1) cluster.stepOnce();
      return;
  }
}
