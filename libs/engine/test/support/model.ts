import {
  type ConditionTrigger,
  type AttachedTrigger,
  type Binding,
  type ErrorTrigger,
  type EscalationTrigger,
  type ExecutableProcess,
  type Expression,
  type FlowNode,
  type JobAction,
  type Mapping,
  type MultiInstance,
  type MessageTrigger,
  type MultipleTrigger,
  type PartTrigger,
  type PublishAction,
  type ReplyTrigger,
  type SequenceFlow,
  type SignalTrigger,
  type StandardLoop,
  type StartMessageTrigger,
  type TimerKind,
  type TimerTrigger,
  partsOf,
} from '@millrace/bpmn';

import { withActions } from './action-model.ts';

/** Small models, written as text: elements by name, flows as arrows. */

export type Spec = Omit<FlowNode, 'id' | 'incoming' | 'outgoing' | 'inputs' | 'outputs'> & {
  readonly inputs?: readonly Mapping[];
  readonly outputs?: readonly Mapping[];
};

/**
 * `flows`: `'a -> b -> c'`, with conditions as `'gateway -> a [x > 1]'` and `'gateway -> b [default]'`. A flow is called
 * `a->b`.
 */
export function model(
  id: string,
  elements: Readonly<Record<string, Spec>>,
  flows: readonly string[],
): ExecutableProcess {
  const all: Record<string, SequenceFlow> = {};
  const defaults: Record<string, string> = {};
  for (const line of flows) addFlows(line, all, defaults);
  const nodes = Object.entries(withActions(elements)).map(([elementId, spec]) => {
    const node = {
      inputs: [],
      outputs: [],
      ...spec,
      id: elementId,
      incoming: Object.values(all)
        .filter(({ target }) => target === elementId)
        .map((flow) => flow.id),
      outgoing: Object.values(all)
        .filter(({ source }) => source === elementId)
        .map((flow) => flow.id),
      ...(defaults[elementId] === undefined ? undefined : { defaultFlow: defaults[elementId] }),
    };
    return [elementId, node as unknown as FlowNode] as const;
  });
  const startsOf = (scope: string): string[] =>
    nodes.filter(([, node]) => node.kind === 'startEvent' && node.scope === scope).map(([elementId]) => elementId);
  const boundaryEvents: Record<string, string[]> = {};
  for (const [elementId, node] of nodes) {
    if (node.kind === 'boundaryEvent') (boundaryEvents[node.attachedTo] ??= []).push(elementId);
  }
  const parts = nodes.flatMap(([, node]) => partsOf(node)).map((part) => [part.id, part] as const);
  return {
    id,
    name: id,
    elements: Object.fromEntries(
      [...nodes, ...parts].map(([elementId, node]) => [
        elementId,
        isScope(node) ? { ...node, startEvents: startsOf(elementId), ...eventSubProcesses(nodes, elementId) } : node,
      ]),
    ),
    flows: all,
    startEvents: nodes.filter(([, node]) => starts(node, nodes, all)).map(([elementId]) => elementId),
    ...eventSubProcesses(nodes, undefined),
    boundaryEvents,
  };
}

function isScope({ kind }: FlowNode): boolean {
  return kind === 'subProcess' || kind === 'transaction' || kind === 'eventSubProcess' || kind === 'adHocSubProcess';
}

function eventSubProcesses(
  nodes: readonly (readonly [string, FlowNode])[],
  scope: string | undefined,
): Pick<ExecutableProcess, 'eventSubProcesses'> {
  const own = nodes.filter(([, node]) => node.kind === 'eventSubProcess' && node.scope === scope).map(([id]) => id);
  return own.length === 0 ? {} : { eventSubProcesses: own };
}

function starts(
  node: FlowNode,
  nodes: readonly (readonly [string, FlowNode])[],
  flows: Readonly<Record<string, SequenceFlow>>,
): boolean {
  if (node.scope !== undefined) return false;
  if (node.kind === 'startEvent' || (node.kind === 'receiveTask' && node.instantiate === true)) return true;
  return node.incoming.some((flowId) =>
    nodes.some(([id, before]) => id === flows[flowId]?.source && 'instantiate' in before),
  );
}

function addFlows(line: string, all: Record<string, SequenceFlow>, defaults: Record<string, string>): void {
  const match = /^([^[]+?)(?:\[(.+)\])?$/.exec(line.trim());
  const [, path = '', condition] = match ?? [];
  const stops = path.split('->').map((stop) => stop.trim());
  for (let at = 0; at + 1 < stops.length; at += 1) {
    const source = stops[at] as string;
    const target = stops[at + 1] as string;
    const flowId = `${source}->${target}`;
    if (condition === 'default') defaults[source] = flowId;
    const isConditional = condition !== undefined && condition !== 'default';
    all[flowId] = { id: flowId, source, target, ...(isConditional ? { condition } : undefined) };
  }
}

export const feel = (text: string): Expression => ({ kind: 'feel', text });
const literal = (value: string): Expression => ({ kind: 'literal', value });

/** `'=x'` is FEEL and everything else literal, as in a BPMN file. */
export function expression(text: string): Expression {
  return text.startsWith('=') ? feel(text.slice(1)) : literal(text);
}

export function map(source: string, target: string): Mapping {
  return { source: expression(source), target: target.split('.') as [string, ...string[]] };
}

export const start: Spec = { kind: 'startEvent', trigger: { kind: 'none' } } as Spec;
export const end: Spec = { kind: 'endEvent', action: { kind: 'none' } } as Spec;
export const terminate: Spec = { kind: 'endEvent', action: { kind: 'terminate' } } as Spec;
export const exclusive: Spec = { kind: 'exclusiveGateway' };
export const parallel: Spec = { kind: 'parallelGateway' };
export const inclusive: Spec = { kind: 'inclusiveGateway' };
export function complex(activationCondition: string): Spec {
  return { kind: 'complexGateway', activationCondition } as Spec;
}

export const firstEvent: Spec = { kind: 'eventBasedGateway' };
export const pass: Spec = { kind: 'task' };

export interface CallOptions {
  readonly binding?: Binding;
  readonly businessKey?: string;
  readonly passesAllIn?: boolean;
  readonly passesAllOut?: boolean;
  readonly inputs?: readonly Mapping[];
  readonly outputs?: readonly Mapping[];
}

export function call(processId: string, { businessKey, ...more }: CallOptions = {}): Spec {
  return {
    kind: 'callActivity',
    processId: expression(processId),
    binding: { kind: 'latest' },
    passesAllIn: true,
    passesAllOut: true,
    ...(businessKey === undefined ? undefined : { businessKey: expression(businessKey) }),
    ...more,
  } as Spec;
}

export function subProcess(more: Partial<Spec> = {}): Spec {
  return { kind: 'subProcess', ...more };
}

export interface AdHocOptions {
  readonly activeElements?: Expression;
  readonly completionCondition?: string;
  readonly cancelsRemaining?: boolean;
  readonly isSequential?: true;
  readonly outputCollection?: string;
  readonly outputElement?: Expression;
  readonly job?: JobAction;
}

export function adHoc(options: AdHocOptions = {}): Spec {
  return { kind: 'adHocSubProcess', cancelsRemaining: true, ...options };
}

export const transaction: Spec = { kind: 'transaction' };
export const endWithCancel: Spec = { kind: 'endEvent', action: { kind: 'cancel' } } as Spec;

export function compensate(activityId?: string, waits = true): Spec {
  const only = activityId === undefined ? undefined : { activityId };
  return { kind: 'intermediateThrowEvent', action: { kind: 'compensate', waits, ...only } } as Spec;
}

export function endWithCompensation(activityId?: string): Spec {
  return { ...compensate(activityId), kind: 'endEvent' };
}

/** `handler` undoes the activity. */
export function undoneBy(attachedTo: string, handler: string): Spec {
  return boundary(attachedTo, { kind: 'compensation' }, false, { handler } as Partial<Spec>);
}

/** The activity undoes another. */
export function undoing(spec: Spec): Spec {
  return { ...spec, isForCompensation: true };
}

export const eventSubProcess: Spec = { kind: 'eventSubProcess' };

/** The start of an event sub-process. */
export function startOn(
  trigger: AttachedTrigger | MultipleTrigger,
  interrupting = true,
  more: Partial<Spec> = {},
): Spec {
  return { kind: 'startEvent', trigger, interrupting, ...more } as Spec;
}

/** The elements of a sub-process. */
export function inside(scope: string, elements: Readonly<Record<string, Spec>>): Record<string, Spec> {
  return Object.fromEntries(Object.entries(elements).map(([id, spec]) => [id, { scope, ...spec }]));
}

/** The spec, done several times. */
export function times(spec: Spec, loop: Partial<Omit<MultiInstance, 'kind'>> = {}): Spec {
  return { ...spec, loop: { kind: 'multiInstance', isSequential: false, ...loop } };
}

export function sequential(spec: Spec, loop: Partial<Omit<MultiInstance, 'kind'>> = {}): Spec {
  return times(spec, { isSequential: true, ...loop });
}

export function whilst(spec: Spec, loop: Partial<Omit<StandardLoop, 'kind'>>): Spec {
  return { ...spec, loop: { kind: 'standardLoop', testBefore: false, ...loop } };
}

export interface JobOptions {
  readonly retries?: string;
  readonly timeout?: string;
  readonly backoff?: string;
  readonly inputs?: readonly Mapping[];
  readonly outputs?: readonly Mapping[];
}

export function job(type: string, { retries = '3', timeout, backoff, ...mappings }: JobOptions = {}): Spec {
  const action: JobAction = {
    kind: 'job',
    type: expression(type),
    retries: expression(retries),
    headers: {},
    ...(timeout === undefined ? undefined : { timeout: expression(timeout) }),
    ...(backoff === undefined ? undefined : { retryBackoff: expression(backoff) }),
  };
  return { kind: 'serviceTask', action, ...mappings } as Spec;
}

type Heard = 'beforeAll' | 'start' | 'end';
type HeardOfTask = 'creating' | 'assigning' | 'updating' | 'completing' | 'canceling';

/** Job types by event. */
export function heard(spec: Spec, types: Readonly<Partial<Record<Heard, readonly string[]>>>): Spec {
  return { ...spec, listeners: listenersFor(types) };
}

/** The same of a user task. */
export function heardTask(spec: Spec, types: Readonly<Partial<Record<HeardOfTask, readonly string[]>>>): Spec {
  return { ...spec, taskListeners: listenersFor(types) } as Spec;
}

export function listenersFor<Event extends string>(
  types: Readonly<Partial<Record<Event, readonly string[]>>>,
): { [Each in Event]?: JobAction[] } {
  const lists = Object.entries<readonly string[] | undefined>(types).map(([event, names = []]) => [
    event,
    names.map((type) => ({ kind: 'job', type: expression(type), retries: expression('3'), headers: {} })),
  ]);
  return Object.fromEntries(lists) as { [Each in Event]?: JobAction[] };
}

export function publish(action: Partial<Omit<PublishAction, 'kind'>> & { topic: Expression }): Spec {
  return { kind: 'sendTask', action: { kind: 'publish', headers: [], ...action } } as Spec;
}

export function script(text: string, resultVariable: string): Spec {
  return { kind: 'scriptTask', action: { kind: 'script', expression: feel(text), resultVariable } } as Spec;
}

/** A business rule task that evaluates a decision. */
export function decide(decisionId: string, resultVariable: string): Spec {
  const action = { kind: 'decision', decisionId: expression(decisionId), resultVariable, binding: { kind: 'latest' } };
  return { kind: 'businessRuleTask', action } as Spec;
}

export function userTask(assignment: Readonly<Record<string, Expression>> = {}, more: Partial<Spec> = {}): Spec {
  return { kind: 'userTask', assignment, headers: {}, ...more } as Spec;
}

export function messageTrigger(name: string, key: string): MessageTrigger {
  return { kind: 'message', name: expression(name), correlationKey: expression(key) };
}

export function timerTrigger(timer: TimerKind, text: string): TimerTrigger {
  return { kind: 'timer', timer, expression: expression(text) };
}

export function signalTrigger(name: string): SignalTrigger {
  return { kind: 'signal', name: expression(name) };
}

export function throwing(name: string, more: Partial<Spec> = {}): Spec {
  return { kind: 'intermediateThrowEvent', action: { kind: 'signal', name: expression(name) }, ...more } as Spec;
}

/** One event that throws what several would. */
export function throwingAll(first: readonly Spec[], last?: Spec): Spec {
  const actionOf = (spec: Spec | undefined): unknown => (spec as { readonly action?: unknown } | undefined)?.action;
  const action = { kind: 'multiple', first: first.map(actionOf), last: actionOf(last) ?? { kind: 'none' } };
  return { kind: 'intermediateThrowEvent', action } as Spec;
}

export function endWithSignal(name: string): Spec {
  return { kind: 'endEvent', action: { kind: 'signal', name: expression(name) } } as Spec;
}

export function conditionTrigger(condition: string, ...variableNames: readonly string[]): ConditionTrigger {
  return { kind: 'condition', condition, ...(variableNames.length === 0 ? undefined : { variableNames }) };
}

/** Several event definitions on one event: the first counts, or all together. */
export function several(isParallel: boolean, ...triggers: readonly PartTrigger[]): MultipleTrigger {
  return { kind: 'multiple', isParallel, triggers };
}

export function errorTrigger(code?: string): ErrorTrigger {
  return { kind: 'error', ...(code === undefined ? undefined : { code }) };
}

export function receive(trigger: MessageTrigger | ReplyTrigger, more: Partial<Spec> = {}): Spec {
  return { kind: 'receiveTask', trigger, ...more } as Spec;
}

export function catching(
  trigger: MessageTrigger | ReplyTrigger | TimerTrigger | SignalTrigger | ConditionTrigger | MultipleTrigger,
  more: Partial<Spec> = {},
): Spec {
  return { kind: 'intermediateCatchEvent', trigger, ...more } as Spec;
}

export function startBy(
  trigger: StartMessageTrigger | TimerTrigger | SignalTrigger | ConditionTrigger | MultipleTrigger,
): Spec {
  return { kind: 'startEvent', trigger } as Spec;
}

export function boundary(
  attachedTo: string,
  trigger: AttachedTrigger | MultipleTrigger,
  interrupting = true,
  more: Partial<Spec> = {},
): Spec {
  return { kind: 'boundaryEvent', attachedTo, interrupting, trigger, ...more } as Spec;
}

export function escalationTrigger(code?: string): EscalationTrigger {
  return { kind: 'escalation', ...(code === undefined ? undefined : { code }) };
}

export function escalate(code: string): Spec {
  return { kind: 'intermediateThrowEvent', action: { kind: 'escalation', code: expression(code) } } as Spec;
}

export function endWithEscalation(code: string): Spec {
  return { kind: 'endEvent', action: { kind: 'escalation', code: expression(code) } } as Spec;
}

export function endWithMessage(name: string, correlationKey: string): Spec {
  const action = { kind: 'message', name: expression(name), correlationKey: expression(correlationKey) };
  return { kind: 'endEvent', action } as Spec;
}

export function endWithError(code: string): Spec {
  return { kind: 'endEvent', action: { kind: 'error', code: expression(code) } } as Spec;
}
