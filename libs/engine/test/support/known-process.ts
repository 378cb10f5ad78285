import type { ExecutableProcess } from '@millrace/bpmn';
import type { Variables } from '@millrace/records';
import {
  type Spec,
  type boundary,
  conditionTrigger,
  end,
  messageTrigger,
  model,
  signalTrigger,
  start,
  timerTrigger,
} from './model.ts';
import { type Way, beside, passed, inOrder } from './way.ts';

/** What is done about an element that has been entered, so that the process takes the way that is known. */
export type Answer = {
  /** Not before this one, in the same instance, has been entered as often. */
  readonly after?: string;
} & (
  | { readonly do: 'completeJob' | 'failAndCompleteJob' | 'completeTask' }
  | { readonly do: 'throwError'; readonly code: string }
  | { readonly do: 'publish'; readonly name: string }
  /** Not before somebody waits: a signal is not kept. */
  | { readonly do: 'broadcast'; readonly name: string; readonly eventId: string }
  | { readonly do: 'set'; readonly variable: string }
  | { readonly do: 'reply'; readonly topic: string }
);

/** How an event is made to come. */
export type EventKind = 'message' | 'signal' | 'timer' | 'condition';

/** A process that is being put together, with what is known of it. */
export class KnownProcess {
  readonly id: string;
  readonly elements: Record<string, Spec> = {};
  readonly flows: string[] = [];
  readonly variables: Record<string, unknown> = { key: 'k' };
  readonly answers = new Map<string, Answer[]>();
  /** Of the processes that it calls. */
  readonly called: KnownProcess[] = [];
  /** How long planned timers take, ISO 8601. */
  readonly wait: string;
  #count = 0;
  #scope: string | undefined;
  /** What runs beside everything else in the scope that is being filled. */
  #sides: Way[] = [];
  /** How often what is being placed is done, each time that its scope is. */
  #rounds = 1;
  /** Whether the scope waits for all that runs in it. */
  #isWaitedFor = true;

  constructor(id: string, wait: string) {
    this.id = id;
    this.wait = wait;
  }

  /** Ids are unique over all processes. */
  name(): string {
    return `${this.id}${(this.#count += 1)}`;
  }

  add(spec: Spec, id = this.name()): string {
    this.elements[id] = this.#scope === undefined ? spec : { scope: this.#scope, ...spec };
    return id;
  }

  connect(from: string, to: string, condition?: string): void {
    this.flows.push(`${from} -> ${to} ${condition === undefined ? '' : `[${condition}]`}`);
  }

  /** Adds the element behind another. */
  follow(from: string, spec: Spec, condition?: string): string {
    const id = this.add(spec);
    this.connect(from, id, condition);
    return id;
  }

  /** @returns the element's id. */
  answer(elementId: string, answer: Answer): string {
    this.answers.set(elementId, [...(this.answers.get(elementId) ?? []), answer]);
    return elementId;
  }

  /** A way of its own, begun by something in the scope and joined by nothing but the end of the scope. */
  aside(way: Way): void {
    for (let round = 0; round < this.#rounds; round += 1) this.#sides.push(way);
  }

  /** In a scope that something ends early, what runs aside may or may not be over by then. */
  get canGoAside(): boolean {
    return this.#isWaitedFor;
  }

  /** What is placed meanwhile is done so often: not at all on a way that is not taken. */
  repeatedly<Result>(times: number, fill: () => Result): Result {
    const outer = this.#rounds;
    this.#rounds = outer * times;
    const result = fill();
    this.#rounds = outer;
    return result;
  }

  /** Fills the scope; what it gives is the way through it, with all that runs aside in it. */
  within(scope: string | undefined, fill: () => Way, isWaitedFor = true): Way {
    const outer = [this.#scope, this.#sides, this.#rounds, this.#isWaitedFor] as const;
    [this.#scope, this.#sides, this.#rounds, this.#isWaitedFor] = [scope, [], 1, isWaitedFor];
    const way = fill();
    const sides = this.#sides;
    [this.#scope, this.#sides, this.#rounds, this.#isWaitedFor] = outer;
    return sides.length === 0 ? way : beside(way, ...sides);
  }

  /** From a start event of the scope to `last`, which may go on in its own way. */
  through(scope: string | undefined, body: (from: string) => Placed, last: Spec = end, isWaitedFor = true): Way {
    return this.within(
      scope,
      () => {
        const startId = this.add(start);
        const placed = body(startId);
        return inOrder(passed(startId), placed.way, passed(this.follow(placed.last, last)));
      },
      isWaitedFor,
    );
  }

  /** A trigger of the kind, and what makes it come once `holder` has been entered. */
  planEvent(kind: EventKind, holder: string, eventId: string, after?: string): Parameters<typeof boundary>[1] {
    const name = `${kind}-${eventId}`;
    const when = after === undefined ? undefined : { after };
    switch (kind) {
      case 'message':
        this.answer(holder, { do: 'publish', name, ...when });
        return messageTrigger(name, '=key');
      case 'signal':
        this.answer(holder, { do: 'broadcast', name, eventId, ...when });
        // Each instance has its own: another may not have come so far.
        return signalTrigger(`=key + "-${name}"`);
      case 'condition': {
        const variable = `met_${eventId}`;
        this.answer(holder, { do: 'set', variable, ...when });
        return conditionTrigger(`${variable} = true`);
      }
      default:
        return timerTrigger('duration', this.wait);
    }
  }

  build(way: Way): Known {
    const models = [this, ...this.called].map(({ id, elements, flows }) => model(id, elements, flows));
    const answers = new Map([this, ...this.called].flatMap((process) => [...process.answers]));
    return { models, way, answers, variables: this.variables };
  }
}

/** A block that stands in a process: its last element, and the way from its first to it. */
export interface Placed {
  readonly last: string;
  readonly way: Way;
}

export interface Known {
  /** The first is started, the others are called. */
  readonly models: readonly ExecutableProcess[];
  readonly way: Way;
  readonly answers: ReadonlyMap<string, readonly Answer[]>;
  readonly variables: Variables;
}
