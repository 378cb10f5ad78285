import { assert } from '@millrace/std';
import type { ExecutableProcess, FlowNode, Scope, SequenceFlow } from '@millrace/bpmn';
import type { AfterClosing, CompensatingRow, ElementRow, InstanceId, InstanceRow, Key } from '@millrace/records';
import { elementOf, instanceOf } from '../apply/rows.ts';
import { elementRow } from '../row-keys.ts';
import { isInner } from './ad-hoc-begin.ts';
import type { Context } from './context.ts';
import { nodeOf } from '../model-lookup.ts';

/** A token on a flow, about to reach the element behind it. */
export interface ReadyToken {
  readonly flowId: string;
  readonly scopeKey: Key;
  /** Elements it has passed since it last waited. */
  readonly hops: number;
}

/** A loop whose next iteration can begin. */
export interface ReadyLoop {
  readonly bodyKey: Key;
  readonly hops: number;
}

/** A compensation that can go on. */
export type Chain = CompensatingRow;

/** The instance, or an element that other elements run in. */
export interface ScopeState {
  readonly scopeKey: Key;
  /** The scope around it; absent for the instance. */
  readonly outerKey?: Key;
  readonly tokens: number;
  /** An activity that is done several times: its tokens are its iterations. */
  readonly isLoop: boolean;
  readonly closing?: AfterClosing;
}

/** A decision within one instance: where its tokens are, and which of them can go on. */
export class Walk {
  readonly context: Context;
  readonly instanceId: InstanceId;
  readonly model: ExecutableProcess;
  /** Scopes in which something has happened since their inclusive joins were asked, and how many events told so. */
  readonly touched = new Set<Key>();
  eventsSeen: number;
  /** Conditions to be asked, how many events told so, and how many have been asked. */
  readonly conditionsDue = new Set<Key>();
  conditionEventsSeen: number;
  conditionsAsked = 0;
  /** The instance has ended, or is ending: nothing moves any more. */
  isOver = false;
  /** Scopes that are entered without a first token of their own. */
  readonly opensEmpty = new Set<Key>();
  /** A `continue` command is on its way. */
  goesOnLater = false;
  readonly #loops: ReadyLoop[] = [];
  readonly #chains: Chain[] = [];
  #ready: ReadyToken[] = [];
  #next = 0;
  /** Scopes in which a token has ended, and the most hops of such a token. */
  readonly #ended = new Map<Key, number>();

  /** The walk of the instance in this decision: there is one, whoever asks for it. */
  static of(context: Context, instance: InstanceRow): Walk {
    return context.walks.get(instance.instanceId) ?? Walk.by(context, instance);
  }

  /** The walk of the instance from now on; by the model given, when that is another than before. */
  static by(context: Context, instance: InstanceRow, model?: ExecutableProcess): Walk {
    const walk = new Walk(context, instance, model);
    context.walks.set(instance.instanceId, walk);
    return walk;
  }

  private constructor(context: Context, instance: InstanceRow, model = context.draft.process(instance.definitionKey)) {
    this.context = context;
    this.instanceId = instance.instanceId;
    assert(model !== undefined, `expected definition ${instance.definitionKey} to be known to the view`);
    this.model = model;
    this.eventsSeen = context.events.length;
    this.conditionEventsSeen = context.events.length;
  }

  get instance(): InstanceRow {
    return instanceOf(this.context.draft, this.instanceId);
  }

  element(elementKey: Key): ElementRow {
    return elementOf(this.context.draft, this.instanceId, elementKey);
  }

  node(elementId: string): FlowNode {
    const node = nodeOf(this.model, elementId);
    assert(node !== undefined, `expected element ${elementId} in process ${this.model.id}`);
    return node;
  }

  flow(flowId: string): SequenceFlow {
    const flow = this.model.flows[flowId];
    assert(flow !== undefined, `expected flow ${flowId} in process ${this.model.id}`);
    return flow;
  }

  /** The row that keeps what events wait for: of an element, or of the instance. */
  holder(key: Key): ElementRow | InstanceRow {
    return key === this.instanceId ? this.instance : this.element(key);
  }

  /** What the model says of the scope's level; of an element that is no scope, nothing. */
  level(scopeKey: Key): Partial<Scope> {
    if (scopeKey === this.instanceId) return this.model;
    const element = this.element(scopeKey);
    const node = this.node(element.elementId);
    return 'startEvents' in node && !isInner(element) ? node : {};
  }

  scope(scopeKey: Key): ScopeState {
    const scope = this.findScope(scopeKey);
    assert(scope !== undefined, `expected a row of scope ${scopeKey} in instance ${this.instanceId}`);
    return scope;
  }

  findScope(scopeKey: Key): ScopeState | undefined {
    if (scopeKey === this.instanceId) {
      const { tokens, closing } = this.instance;
      return { scopeKey, tokens, isLoop: false, ...(closing === undefined ? undefined : { closing }) };
    }
    const element = this.context.draft.get('element', elementRow(this.instanceId, scopeKey));
    if (element === undefined) return undefined;
    const { scopeKey: outerKey, tokens = 0, loop, closing } = element;
    const isLoop = loop !== undefined;
    return { scopeKey, outerKey, tokens, isLoop, ...(closing === undefined ? undefined : { closing }) };
  }

  /** Whether what runs in the scope may move: neither it nor one around it is being closed, or gone. */
  isOpen(scopeKey: Key): boolean {
    let key = scopeKey;
    while (key !== this.instanceId) {
      const scope = this.context.draft.get('element', elementRow(this.instanceId, key));
      if (scope === undefined || scope.closing !== undefined) return false;
      key = scope.scopeKey;
    }
    return this.instance.closing === undefined;
  }

  // Tokens that can move

  push(token: ReadyToken): void {
    this.#ready.push(token);
  }

  take(): ReadyToken | undefined {
    const token = this.#ready[this.#next];
    if (token !== undefined) this.#next += 1;
    return token;
  }

  get readyCount(): number {
    return this.#ready.length - this.#next;
  }

  /** The scope lives on without the tokens it had. */
  drop(scopeKey: Key): void {
    this.#ready = this.#ready.slice(this.#next).filter((token) => token.scopeKey !== scopeKey);
    this.#next = 0;
  }

  pushLoop(loop: ReadyLoop): void {
    this.#loops.push(loop);
  }

  takeLoop(): ReadyLoop | undefined {
    return this.#loops.shift();
  }

  // Compensation that goes on

  pushChain(chain: Chain): void {
    this.#chains.push(chain);
  }

  takeChain(): Chain | undefined {
    return this.#chains.shift();
  }

  // Scopes that may be over

  noteEnd(scopeKey: Key, hops: number): void {
    this.#ended.set(scopeKey, Math.max(hops, this.#ended.get(scopeKey) ?? 0));
  }

  takeEnded(): { readonly scopeKey: Key; readonly hops: number } | undefined {
    for (const [scopeKey, hops] of this.#ended) {
      this.#ended.delete(scopeKey);
      return { scopeKey, hops };
    }
    return undefined;
  }
}
