import { readModel } from '@millrace/bpmn';
import { readDecisions } from '@millrace/dmn';
import { checkExpression, checkTimer } from '@millrace/feel';
import type { AdHocResult, Event, InstanceId, Variables } from '@millrace/records';
import { Cluster } from '../../libs/engine/test/support/cluster.ts';
import { story } from '../../libs/engine/test/support/story.ts';
import { decisionXml, processXml } from './notation.ts';
import type { Script } from './script.ts';

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** How the engine finds who waits for what: shown by the engine's own tests, and noise in a script. */
const plumbing =
  /^(flow\.taken|wait\.(opened|closed)|subscription|receive\.(opened|closed)|message\.(offered|startOffered|startAnswered|correlated|expired)|startEvent\.(opened|closed|declined)|startLock|signalWait\.(opened|closed)|signal\.(broadcast|delivered|answered|forgotten)|condition\.(opened|closed|changed)|loop\.(deferred|resumed)|token\.(deferred|resumed)|scope|compensation\.(opened|deferred|resumed|counted|dropped|undone)|timer\.scheduled|gateway|event\.part|adHoc|instance\.(ending|forgotten))/;

/** Runs the steps of a script on partitions in memory, where every settled state is compared with the fold of its events. */
export class Stage {
  readonly cluster = new Cluster(2);
  readonly #answered = new Set<string>();
  #instanceId: InstanceId | undefined;

  static async of({ processes, decisions }: Script): Promise<Stage> {
    const stage = new Stage();
    for (const { id, expression } of decisions) await stage.#deployDecision(id, expression);
    // The last is what the script is about: what it calls is there when it comes.
    for (const { id, lines } of processes.toReversed()) {
      const { processes: read, problems } = await readModel(processXml(id, lines), { checkExpression, checkTimer });
      const errors = problems.filter(({ severity }) => severity === 'error');
      const [process] = read;
      if (process === undefined || errors.length > 0)
        throw new Error(`expected ${id} to be executable, found ${JSON.stringify(errors)}`);
      stage.cluster.deploy(process, `digest of ${id} ${stage.cluster.events.length}`);
    }
    return stage;
  }

  /** What came of it, as lines. */
  take(step: string): string[] {
    const from = this.cluster.events.length;
    this.#act(step);
    return story(this.cluster.events.slice(from)).filter((line) => !plumbing.test(line));
  }

  /** The rows that mention an instance: none, when all is over. */
  leftovers(): string[] {
    const ids = new Set(this.cluster.all('instance.started').map(({ instanceId }) => instanceId));
    return [...ids].flatMap((id) => this.cluster.rowsWith(id));
  }

  async #deployDecision(id: string, expression: string): Promise<void> {
    const content = decisionXml(id, expression);
    const { decisions: model, problems } = await readDecisions(content);
    if (model === undefined) throw new Error(`expected ${id} to be a decision, found ${JSON.stringify(problems)}`);
    const decisions = [{ decisionId: id }];
    const resource = { kind: 'dmn', name: `${id}.dmn`, content, digest: id, graphId: id, decisions, model } as const;
    this.cluster.run({ kind: 'deploy', resources: [resource] });
  }

  #act(step: string): void {
    const [, words = '', json = '{}'] = /^([^{]+?)\s*(\{.*\})?$/.exec(step) ?? [];
    const variables = JSON.parse(json) as Variables;
    const [verb = '', first = '', second = '', third = ''] = words.split(' ');
    const { cluster } = this;
    switch (verb) {
      case 'start':
        this.#instanceId = cluster.start(first, variables);
        return;
      case 'complete': {
        const { instanceId, jobKey } = this.#job(first, true);
        const says = second === '' ? {} : { adHoc: directionOf(words.split(' ').slice(2)) };
        cluster.run({ kind: 'completeJob', instanceId, jobKey, variables, ...says });
        return;
      }
      case 'fail': {
        const { instanceId, jobKey, attempt } = this.#job(first, false);
        const retries = second === '' ? {} : { retries: Number(second) };
        cluster.run({ kind: 'failJob', instanceId, jobKey, attempt, message: 'it broke', ...retries });
        return;
      }
      case 'error': {
        const { instanceId, jobKey, attempt } = this.#job(first, false);
        cluster.run({ kind: 'throwJobError', instanceId, jobKey, attempt, code: second, variables });
        return;
      }
      case 'task':
        cluster.run({ kind: 'completeTask', taskKey: this.#task(first), variables });
        return;
      case 'claim':
        cluster.run({ kind: 'claimTask', taskKey: this.#task(first), assignee: second });
        return;
      case 'unclaim':
        cluster.run({ kind: 'unclaimTask', taskKey: this.#task(first) });
        return;
      case 'message': {
        const ttlMs = third === '' ? 0 : duration(third);
        cluster.run({ kind: 'publishMessage', name: first, correlationKey: second, ttlMs, variables });
        return;
      }
      case 'signal':
        cluster.run({ kind: 'broadcastSignal', name: first, variables });
        return;
      case 'conditions':
        cluster.run({ kind: 'evaluateConditions', variables });
        return;
      case 'pass':
        cluster.pass(duration(first));
        return;
      case 'resolve':
        cluster.run({ kind: 'resolveIncident', incidentKey: cluster.last('incident.raised').incidentKey });
        return;
      default:
        this.#operate(verb, first, second, variables);
    }
  }

  #operate(verb: string, first: string, second: string, variables: Variables): void {
    const { cluster } = this;
    const instanceId = this.#instanceId ?? cluster.last('instance.started').instanceId;
    switch (verb) {
      case 'reply':
        cluster.run({ kind: 'receiveReply', instanceId, topic: first, value: variables });
        return;
      case 'act': {
        const elementKey = this.#token(first);
        cluster.run({ kind: 'executeAction', instanceId, elementKey, action: second, variables });
        return;
      }
      case 'callback':
        cluster.run({
          kind: 'receiveReply',
          instanceId,
          topic: 'engine.receive.x',
          value: variables,
          callbackFor: first,
        });
        return;
      case 'back': {
        const to = second === '' ? {} : { to: second };
        cluster.run({ kind: 'moveTokenBack', instanceId, elementKey: this.#token(first), ...to });
        return;
      }
      case 'set':
        cluster.run({ kind: 'updateVariables', instanceId, variables });
        return;
      case 'cancel':
        cluster.run({ kind: 'cancelInstance', instanceId });
        return;
      case 'suspend':
        cluster.run({ kind: 'suspendInstance', instanceId });
        return;
      case 'resume':
        cluster.run({ kind: 'resumeInstance', instanceId });
        return;
      case 'begin': {
        const scope = cluster.all('element.entered').findLast(({ elementId }) => elementId === first);
        const elementKey = scope?.elementKey ?? '';
        cluster.run({ kind: 'activateElements', instanceId, elementKey, elementIds: [second] });
        return;
      }
      case 'move': {
        const [activate, terminate] = [[{ elementId: second }], [{ elementId: first }]];
        cluster.run({ kind: 'modifyInstance', instanceId, activate, terminate });
        return;
      }
      case 'batch':
        this.#batch(first, second);
        return;
      case 'migrate':
        cluster.run({ kind: 'migrateInstance', instanceId, definitionVersion: Number(first), mapping: {} });
        return;
      default:
        throw new Error(`expected a step, found "${verb}"`);
    }
  }

  #batch(kind: string, processId: string): void {
    if (kind !== 'suspend' && kind !== 'resume' && kind !== 'cancel')
      throw new Error(`expected a batch to suspend, resume or cancel, found "${kind}"`);
    const batchId = `${kind} ${processId}`;
    for (const partition of this.cluster.partitions.keys()) {
      this.cluster.send({ kind: 'startBatch', batchId, partition, operation: { kind }, filter: { processId } });
    }
    this.cluster.settle();
  }

  #token(elementId: string): string {
    return this.cluster.all('element.entered').findLast((event) => event.elementId === elementId)?.elementKey ?? '';
  }

  /** The oldest job of the type that nobody has answered. */
  #job(type: string, isLast: boolean) {
    const gone = this.#goneJobs();
    const open = this.cluster.jobs().filter((job) => job.type === type && !gone.has(job.jobKey));
    const withdrawn = new Set(this.cluster.all('job.cancelled').map(({ jobKey }) => jobKey));
    const [first] = open.filter(({ jobKey }) => !withdrawn.has(jobKey) && !this.#answered.has(jobKey));
    const latest = open.findLast(({ jobKey }) => jobKey === first?.jobKey);
    if (latest === undefined) throw new Error(`expected an open job of type ${type}`);
    if (isLast) this.#answered.add(latest.jobKey);
    return latest;
  }

  /** A job that threw an error which nobody caught is offered again when somebody has resolved that. */
  #goneJobs(): ReadonlySet<string> {
    const gone = new Set<string>();
    for (const event of this.cluster.events) {
      if (event.kind === 'job.offered') gone.delete(event.jobKey);
      else if (isJobsEnd(event)) gone.add(event.jobKey);
    }
    return gone;
  }

  #task(elementId: string): string {
    const gone = new Set(this.cluster.events.filter(isTasksEnd).map(({ elementKey }) => elementKey));
    const task = this.cluster
      .all('task.created')
      .find((one) => one.elementId === elementId && !gone.has(one.elementKey));
    if (task === undefined) throw new Error(`expected an open task ${elementId}`);
    return task.elementKey;
  }
}

type JobsEnd = Extract<Event, { kind: 'job.completed' | 'job.cancelled' | 'job.errorThrown' }>;
type TasksEnd = Extract<Event, { kind: 'task.completed' | 'task.cancelled' }>;

function isJobsEnd(event: Event): event is JobsEnd {
  return event.kind === 'job.completed' || event.kind === 'job.cancelled' || event.kind === 'job.errorThrown';
}

function isTasksEnd(event: Event): event is TasksEnd {
  return event.kind === 'task.completed' || event.kind === 'task.cancelled';
}

/** `90s`, `5m`, `2h`, `1d`, in milliseconds. */
function duration(text: string): number {
  const [, count, unit = ''] = /^(\d+)([smhd])$/.exec(text) ?? [];
  if (count === undefined) throw new Error(`expected a duration as 90s, 5m, 2h or 1d, found "${text}"`);
  return Number(count) * (units[unit] ?? 0);
}

/** `begin a b`, `fulfilled`, `fulfilled at once`: what the job of an ad-hoc sub-process says. */
function directionOf([verb, ...words]: readonly string[]): AdHocResult {
  if (verb === 'begin') return { activateElements: words.map((elementId) => ({ elementId })) };
  return { isCompletionConditionFulfilled: true, isCancelRemainingInstances: words.length > 0 };
}
