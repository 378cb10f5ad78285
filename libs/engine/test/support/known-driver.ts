import type { Event, InstanceId, Key } from '@millrace/records';
import type { Ask } from './cluster.ts';
import type { Answer, Known } from './known-process.ts';
import { WayWalker } from './way.ts';

interface Todo {
  readonly instanceId: InstanceId;
  readonly elementId: string;
  readonly elementKey: Key;
  /** The how manieth of its element in its instance. */
  readonly nth: number;
  readonly answer: Answer;
}

/** Follows an instance of a process whose way is known: checks each step, and says what is to be answered next. */
export class KnownDriver {
  readonly #walker: WayWalker;
  readonly #answers: Known['answers'];
  readonly #instances = new Set<InstanceId>();
  readonly #rootId: InstanceId;
  readonly #key: string;
  readonly #counts = new Map<string, number>();
  readonly #jobs = new Map<Key, Key>();
  readonly #labels = new Map<Key, string>();
  /** What an element is in: a scope, an instance, what has called that. */
  readonly #around = new Map<string, string>();
  readonly #trace: string[] = [];
  #todos: Todo[] = [];
  #hasEnded = false;

  /** @param key the instance's variable of that name, by which messages and signals find it */
  constructor({ way, answers }: Known, rootId: InstanceId, key = 'k') {
    this.#key = key;
    this.#walker = new WayWalker(way);
    this.#answers = answers;
    this.#rootId = rootId;
    this.#instances.add(rootId);
  }

  get isOver(): boolean {
    return this.#hasEnded;
  }

  /** It, and what it has called. */
  get instanceIds(): ReadonlySet<InstanceId> {
    return this.#instances;
  }

  /** @throws when the event is not on the way. */
  observe(event: Event): void {
    if (!('instanceId' in event) || event.instanceId === undefined || !this.#instances.has(event.instanceId)) return;
    const { instanceId } = event;
    switch (event.kind) {
      case 'process.called':
        this.#instances.add(event.calledId);
        this.#around.set(event.calledId, event.elementKey);
        return;
      case 'element.entered': {
        const { elementId, elementKey, elementKind } = event;
        this.#around.set(elementKey, event.scopeKey);
        const isBody = elementKind === 'multiInstanceBody' || elementKind === 'loopBody';
        this.#labels.set(elementKey, isBody ? `${elementId}*` : elementId);
        this.#take('entered', elementKey);
        if (isBody) return;
        const nth = this.#count(instanceId, 'entered', elementId);
        for (const answer of this.#answers.get(elementId) ?? [])
          this.#todos.push({ instanceId, elementId, elementKey, nth, answer });
        return;
      }
      case 'element.completed':
        return this.#take('completed', event.elementKey);
      case 'element.terminated':
        return this.#take('terminated', event.elementKey);
      case 'job.created':
        this.#jobs.set(event.elementKey, event.jobKey);
        return;
      case 'task.created':
        this.#count(instanceId, 'task', event.elementKey);
        return;
      case 'signalWait.opened':
        this.#count(instanceId, 'signalWait', event.elementId);
        return;
      case 'receive.opened':
        this.#count(instanceId, 'receive', event.topic);
        return;
      case 'incident.raised':
        throw new Error(`expected no incident, found ${event.reason} at ${event.elementId}: ${event.message}`);
      case 'instance.completed':
        if (instanceId === this.#rootId) this.#end();
        return;
      case 'instance.terminated':
      case 'instance.cancelled':
      case 'instance.expired':
        throw new Error(`expected the instance to complete, found ${event.kind}`);
      default:
    }
  }

  /** What can be answered now; `answer` takes it off the list. */
  get ready(): readonly Todo[] {
    return this.#todos.filter((todo) => this.#isReady(todo));
  }

  /** Any of the ways to be waiting for: nothing can be answered, and time is what has to pass. */
  answer(todo: Todo): Ask[] {
    this.#todos = this.#todos.filter((other) => other !== todo);
    const { instanceId, elementKey, answer } = todo;
    const jobKey = this.#jobs.get(elementKey) ?? '';
    switch (answer.do) {
      case 'completeJob':
        return [{ kind: 'completeJob', instanceId, jobKey, variables: {} }];
      case 'failAndCompleteJob':
        return [
          { kind: 'failJob', instanceId, jobKey, attempt: 1, message: 'not yet' },
          { kind: 'completeJob', instanceId, jobKey, variables: {} },
        ];
      case 'throwError':
        return [{ kind: 'throwJobError', instanceId, jobKey, attempt: 1, code: answer.code }];
      case 'completeTask':
        return [{ kind: 'completeTask', taskKey: elementKey, variables: {} }];
      case 'publish': {
        const { name } = answer;
        return [{ kind: 'publishMessage', name, correlationKey: this.#key, ttlMs: 24 * 3_600_000, variables: {} }];
      }
      case 'broadcast':
        this.#count(instanceId, 'broadcast', answer.eventId);
        return [{ kind: 'broadcastSignal', name: `${this.#key}-${answer.name}`, variables: {} }];
      case 'set':
        return [{ kind: 'updateVariables', instanceId, variables: { [answer.variable]: true } }];
      default:
        this.#count(instanceId, 'reply', answer.topic);
        return [{ kind: 'receiveReply', instanceId, topic: answer.topic, value: { ok: true } }];
    }
  }

  #isReady({ instanceId, elementKey, nth, answer }: Todo): boolean {
    const counted = (what: string, name: string): number => this.#counts.get(`${instanceId} ${what} ${name}`) ?? 0;
    if (answer.after !== undefined && counted('entered', answer.after) < nth) return false;
    switch (answer.do) {
      case 'completeJob':
      case 'failAndCompleteJob':
      case 'throwError':
        return this.#jobs.has(elementKey);
      case 'completeTask':
        return counted('task', elementKey) > 0;
      case 'broadcast':
        return counted('broadcast', answer.eventId) < counted('signalWait', answer.eventId);
      case 'reply':
        return counted('reply', answer.topic) < counted('receive', answer.topic);
      default:
        return true;
    }
  }

  #count(instanceId: InstanceId, what: string, name: string): number {
    const key = `${instanceId} ${what} ${name}`;
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    return count;
  }

  #take(what: string, elementKey: Key): void {
    const label = `${what} ${this.#labels.get(elementKey) ?? elementKey}`;
    this.#trace.push(label);
    const within: [string, ...string[]] = [elementKey];
    for (let at = this.#around.get(elementKey); at !== undefined; at = this.#around.get(at)) within.push(at);
    if (this.#walker.take(label, within)) return;
    throw new Error(`expected one of ${this.#walker.expected().join(', ')}; found:\n${this.#trace.join('\n')}`);
  }

  #end(): void {
    if (!this.#walker.isOver)
      throw new Error(
        `expected ${this.#walker.expected().join(', ')} before the end; found:\n${this.#trace.join('\n')}`,
      );
    this.#hasEnded = true;
  }
}
