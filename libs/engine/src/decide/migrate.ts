import {
  type BoundaryEvent,
  type ExecutableProcess,
  type FlowNode,
  type StartEvent,
  partsOf,
  triggersOf,
} from '@millrace/bpmn';
import {
  type CommandOf,
  type ElementRow,
  type Key,
  type TimerRef,
  type TimerRow,
  definitionKey,
} from '@millrace/records';
import { collect } from '../collect.ts';
import { conditionRow, ofInstance, signalWaitRow, timerRow } from '../row-keys.ts';
import { isInner } from './ad-hoc-begin.ts';
import { noteCancelled } from './actions.ts';
import { type Plan, carryOut, planAttached } from './attached.ts';
import { closeWait, terminateElement } from './close.ts';
import { handlerIn } from './compensation.ts';
import { closeConditionWait } from './condition-wait.ts';
import { type Context, type Refusal, refuse } from './context.ts';
import { forgetParts } from './event-parts.ts';
import { eventStartsIn } from './event-sub-process.ts';
import { Failure } from './failure.ts';
import { waitsForListenersAlone } from './listeners.ts';
import { operableElements } from './modify.ts';
import { proceed } from './move.ts';
import { onSuspendable } from './on-instance.ts';
import { closeSignalWait } from './signal-wait.ts';
import { Walk } from './walk.ts';
import { boundaryIdsOf, nodeOf } from '../model-lookup.ts';

/**
 * The instance goes on by another definition. Nothing of it moves: tokens stay where they are, under the ids of the new model.
 *
 * G1. Every element that has a token must become one of the same kind in the scope that its own scope becomes, and every
 *     token on a flow or at a join must find its flow again. What does not fit is refused, all of it at once, and nothing changes.
 * G2. Jobs, tasks and the waits of elements stay open as they are. Boundary events and event sub-processes are those of the new
 *     model: what it lacks is closed, what is new in it opens.
 * G3. An element with mandatory actions must become one with the same: nobody would know what is due of others. Optional ones
 *     may come and go; what runs of one that goes is ended.
 * G4. What has completed and could be undone must be undone in the new model too, unless it is mapped to nothing, the empty id.
 */
export function migrateInstance(context: Context, command: CommandOf<'migrateInstance'>): Refusal | undefined {
  const { instanceId, definitionVersion, mapping } = command;
  return onSuspendable(context, instanceId, (walk) => {
    const { instance } = walk;
    const { processId = instance.processId } = command;
    const key = definitionKey(processId, definitionVersion);
    const target = context.draft.process(key);
    const refusal = refuseTarget(walk, processId, key, target);
    if (refusal !== undefined || target === undefined) return refusal;
    const elements = operableElements(walk);
    if (!Array.isArray(elements)) return elements;
    const fit = new Fit(walk.model, target, mapping);
    const problems = [...misfits(walk, elements, fit)];
    if (problems.length > 0) return refuse('INVALID_ARGUMENT', problems.slice(0, PROBLEMS_MAX).join('; '));
    for (const element of elements) if (fit.mayGo(element.elementId)) endExecution(walk, element);
    const holders = [
      instanceId,
      ...elements.filter(({ elementId }) => !fit.mayGo(elementId)).map(({ elementKey }) => elementKey),
    ];
    const kept = new Map(holders.map((holder) => [holder, closeMissing(walk, holder, fit)]));
    const { changed } = fit;
    context.emit({
      kind: 'instance.migrated',
      instanceId,
      processId,
      definitionKey: key,
      definitionVersion,
      mapping: changed,
    });
    // What follows goes by the new model.
    walk.isOver = true;
    return openNew(Walk.by(context, instance, target), kept);
  });
}

function endExecution(walk: Walk, execution: ElementRow): void {
  terminateElement(walk, execution);
  noteCancelled(walk, execution);
}

/** How many misfits a refusal lists. */
const PROBLEMS_MAX = 20;

function refuseTarget(
  { instance }: Walk,
  processId: string,
  key: string,
  target: ExecutableProcess | undefined,
): Refusal | undefined {
  if (target === undefined) return refuse('NOT_FOUND', `expected the definition ${key} to be deployed`);
  if (instance.definitionKey === key) return refuse('INVALID_STATE', `the instance runs by ${key} already`);
  if (instance.closing !== undefined) return refuse('INVALID_STATE', 'the instance is being closed');
  if (instance.message !== undefined && processId !== instance.processId) {
    return refuse('INVALID_ARGUMENT', 'expected an instance that a message started to stay with its process');
  }
  return undefined;
}

/** What the elements of one model are in another. */
class Fit {
  readonly source: ExecutableProcess;
  readonly target: ExecutableProcess;
  readonly #mapping: Readonly<Record<string, string>>;

  constructor(source: ExecutableProcess, target: ExecutableProcess, mapping: Readonly<Record<string, string>>) {
    this.source = source;
    this.target = target;
    this.#mapping = withActions(source, mapping);
  }

  /** Only ids that change: what an event has to say. */
  get changed(): Readonly<Record<string, string>> {
    return Object.fromEntries(Object.entries(this.#mapping).filter(([from, to]) => from !== to));
  }

  to(id: string): string {
    return Object.hasOwn(this.#mapping, id) ? (this.#mapping[id] as string) : id;
  }

  /** Why an element cannot become what it is mapped to; undefined when it can. */
  misfit(id: string): string | undefined {
    const from = nodeOf(this.source, id);
    const to = nodeOf(this.target, this.to(id));
    if (from === undefined) return undefined;
    if (to === undefined) return `"${id}" has a token, and there is no "${this.to(id)}" in the new definition`;
    if (from.kind !== to.kind) return `"${id}" is a ${from.kind}, but "${to.id}" is a ${to.kind}`;
    if (this.#scopeOf(from) !== to.scope) return `"${id}" and "${to.id}" are in different scopes`;
    if (from.kind === 'intermediateCatchEvent' && waitsFor(from) !== waitsFor(to))
      return `"${id}" and "${to.id}" do not wait for the same`;
    if (repetition(from) !== repetition(to)) return `"${id}" and "${to.id}" do not repeat in the same way`;
    return undefined;
  }

  canCancel(id: string): boolean {
    const events = boundaryIdsOf(this.target, this.to(id)).map((event) => nodeOf(this.target, event));
    return events.some((event) => event?.kind === 'boundaryEvent' && event.trigger.kind === 'cancel');
  }

  /** An execution of an action that nobody waits for, and that the new definition does not have. */
  mayGo(id: string): boolean {
    const { actionOf } = nodeOf(this.source, id) ?? {};
    if (actionOf === undefined || nodeOf(this.target, this.to(id)) !== undefined) return false;
    return nodeOf(this.source, actionOf)?.actions?.find(({ elementId }) => elementId === id)?.isOptional === true;
  }

  /** G3. */
  *misfitActions(id: string): Iterable<string> {
    const mandatory = ({ actions = [] }: FlowNode): string[] =>
      actions
        .filter(({ isOptional }) => isOptional !== true)
        .map(({ name, isManual, parent = '' }) => `${isManual === true ? 'manual' : 'automatic'} "${name}" ${parent}`);
    const [from, to] = [nodeOf(this.source, id), nodeOf(this.target, this.to(id))];
    if (from === undefined || to === undefined) return;
    const [before, after] = [mandatory(from).sort(), mandatory(to).sort()];
    if (before.join() === after.join()) return;
    yield `"${id}" has the mandatory actions ${before.join(', ') || 'none'}, but "${to.id}" has ${after.join(', ') || 'none'}`;
  }

  misfitFlow(flowId: string): string | undefined {
    const target = this.source.flows[flowId]?.target ?? '';
    const found = this.target.flows[this.to(flowId)];
    if (found?.target === this.to(target)) return undefined;
    return `a token is on the flow "${flowId}" to "${target}", and the new definition has no such flow`;
  }

  /** Whether what has been opened for the event goes on as it is. */
  keeps(from: BoundaryEvent | StartEvent, events: readonly (BoundaryEvent | StartEvent)[]): boolean {
    const to = events.find(({ id }) => id === this.to(from.id));
    return to !== undefined && waitsFor(to) === waitsFor(from) && to.interrupting === from.interrupting;
  }

  #scopeOf({ scope }: FlowNode): string | undefined {
    return scope === undefined ? undefined : this.to(scope);
  }
}

/** What an action does goes with its node, unless the mapping says otherwise; so do the parts of an event. */
function withActions(source: ExecutableProcess, mapping: Readonly<Record<string, string>>): Record<string, string> {
  const moved: Record<string, string> = {};
  for (const [from, to] of Object.entries(mapping)) {
    const node = nodeOf(source, from);
    for (const { elementId, name } of node?.actions ?? []) moved[elementId] = `${to}:${name}`;
    for (const { id } of node === undefined ? [] : partsOf(node)) moved[id] = to + id.slice(from.length);
  }
  return { ...moved, ...mapping };
}

/** What is open for an event goes on as it is when the event of the other model waits for the same kinds of things. */
function waitsFor(node: FlowNode): string {
  const isParallel = 'trigger' in node && node.trigger.kind === 'multiple' && node.trigger.isParallel;
  return `${isParallel} ${triggersOf(node)
    .map(({ kind }) => kind)
    .join(' ')}`;
}

function repetition({ loop }: FlowNode): string {
  if (loop === undefined) return 'once';
  return loop.kind === 'multiInstance' && loop.isSequential ? 'sequential' : loop.kind;
}

function* misfits(walk: Walk, elements: readonly ElementRow[], fit: Fit): Iterable<string> {
  const { context, instanceId } = walk;
  for (const { elementId, elementKey, closing, isCancelling, listening } of elements) {
    if (closing !== undefined) yield `"${elementId}" is being closed`;
    if (isCancelling === true && !fit.canCancel(elementId)) {
      yield `"${elementId}" is being cancelled, and "${fit.to(elementId)}" has no cancel event`;
    }
    const misfit = fit.misfit(elementId);
    if (misfit !== undefined && !fit.mayGo(elementId)) yield misfit;
    if (misfit === undefined && hasBegun(walk, elementKey)) yield* fit.misfitActions(elementId);
    const startId = listening?.startEventId;
    if (startId !== undefined && nodeOf(fit.target, fit.to(startId)) === undefined) {
      yield `the instance begins at "${startId}", and there is no "${fit.to(startId)}" in the new definition`;
    }
  }
  for (const { flowId } of collect(context.draft, 'deferred', ofInstance(instanceId))) {
    const misfit = fit.misfitFlow(flowId);
    if (misfit !== undefined) yield misfit;
  }
  for (const [key, { waiting }] of context.draft.range('join', ofInstance(instanceId))) {
    const gateway = fit.misfit(key.split('/')[2] ?? '');
    if (gateway !== undefined) yield gateway;
    for (const flowId of Object.keys(waiting)) {
      const misfit = fit.misfitFlow(flowId);
      if (misfit !== undefined) yield misfit;
    }
  }
  yield* lostCompensation(walk, fit);
  for (const [key, { consumed }] of context.draft.range('gatewayPhase', ofInstance(instanceId))) {
    const gateway = fit.misfit(key.split('/')[2] ?? '');
    if (gateway !== undefined) yield gateway;
    for (const flowId of consumed) {
      const misfit = fit.misfitFlow(flowId);
      if (misfit !== undefined) yield misfit;
    }
  }
}

/** G4. Each activity once, however often it has completed. */
function* lostCompensation({ context, instanceId, instance }: Walk, fit: Fit): Iterable<string> {
  if (instance.compensables === undefined) return;
  const told = new Set<string>();
  for (const [, { elementId }] of context.draft.range('compensable', ofInstance(instanceId))) {
    const to = fit.to(elementId);
    if (told.has(elementId) || to === '') continue;
    told.add(elementId);
    const before = handlerIn(fit.source, elementId);
    const isKept =
      before === undefined ? nodeOf(fit.target, to) !== undefined : handlerIn(fit.target, to) !== undefined;
    if (isKept) continue;
    const what = before === undefined ? 'element' : 'activity that can be undone';
    yield `"${elementId}" has completed and could be undone, and there is no ${what} "${to}" in the new definition; the mapping of "${elementId}" to "" gives that up`;
  }
}

/** G2. The events that belong to a running element, or to the instance, in a model. */
function attachedTo(
  model: ExecutableProcess,
  walk: Walk,
  holderKey: Key,
  id: string | undefined,
): (BoundaryEvent | StartEvent)[] {
  // AH1. Its events are those of the sub-process around it.
  if (id !== undefined && isInner(walk.element(holderKey))) return [];
  const boundaries = id === undefined ? [] : boundaryIdsOf(model, id).map((event) => nodeOf(model, event));
  const node = id === undefined ? model : nodeOf(model, id);
  const scope = node !== undefined && 'startEvents' in node ? node : undefined;
  const starts =
    walk.holder(holderKey).isInterrupted === true || scope === undefined ? [] : eventStartsIn(model, scope);
  return [...(boundaries as BoundaryEvent[]), ...starts];
}

function idOf(walk: Walk, holderKey: Key): string | undefined {
  return holderKey === walk.instanceId ? undefined : walk.element(holderKey).elementId;
}

/** Closes what the new model does not have, and says by their new ids which events stay open. */
function closeMissing(walk: Walk, holderKey: Key, fit: Fit): ReadonlySet<string> {
  const id = idOf(walk, holderKey);
  const before = attachedTo(fit.source, walk, holderKey, id);
  const after = attachedTo(fit.target, walk, holderKey, id === undefined ? undefined : fit.to(id));
  const kept = before.filter((event) => fit.keeps(event, after));
  const missing = before.filter((event) => !kept.includes(event));
  const gone = new Set(missing.flatMap((event) => [event.id, ...partsOf(event).map(({ id: part }) => part)]));
  if (gone.size > 0) closeEvents(walk, holderKey, gone);
  return new Set(kept.map((event) => fit.to(event.id)));
}

function closeEvents(walk: Walk, holderKey: Key, ids: ReadonlySet<string>): void {
  const { context } = walk;
  const { draft } = context;
  const { timers = [], waits = [], signals = [], conditions = [], begunEvents = [] } = walk.holder(holderKey);
  forgetParts(
    walk,
    holderKey,
    begunEvents.filter((id) => ids.has(id)),
  );
  for (const ref of timers) {
    const timer = timerOf(walk, ref);
    if (timer === undefined) continue;
    const { purpose } = timer;
    const isGone =
      (purpose.kind === 'boundary' && ids.has(purpose.boundaryId)) ||
      (purpose.kind === 'eventSubProcess' && ids.has(purpose.elementId));
    if (isGone) context.emit({ kind: 'timer.cancelled', ...timer });
  }
  for (const waitKey of waits) if (ids.has(draft.get('wait', waitKey)?.elementId ?? '')) closeWait(walk, waitKey);
  for (const ref of signals) {
    if (ids.has(draft.get('signalWait', signalWaitRow(ref))?.elementId ?? '')) closeSignalWait(walk, ref);
  }
  for (const waitKey of conditions) {
    const wait = draft.get('conditionWait', conditionRow(walk.instanceId, waitKey));
    if (ids.has(wait?.elementId ?? '')) closeConditionWait(walk, waitKey);
  }
}

/** Also one that has come due while the instance was suspended: with nobody left to know it, its release is its end. */
function timerOf({ context, instanceId, instance }: Walk, ref: TimerRef): TimerRow | undefined {
  const timer = context.draft.get('timer', timerRow(ref));
  if (timer !== undefined || (instance.held ?? 0) === 0) return timer;
  for (const { input } of collect(context.draft, 'held', ofInstance(instanceId))) {
    if (input.kind === 'timer' && input.timer.timerKey === ref.timerKey) return input.timer;
  }
  return undefined;
}

function openNew(walk: Walk, kept: ReadonlyMap<Key, ReadonlySet<string>>): Refusal | undefined {
  const plans: Plan[] = [];
  for (const [holderKey, ids] of kept) {
    if (!hasBegun(walk, holderKey)) continue;
    const events = attachedTo(walk.model, walk, holderKey, idOf(walk, holderKey));
    const fresh = events.filter(({ id }) => !ids.has(id));
    const plan = planAttached(walk, holderKey, fresh);
    if (plan instanceof Failure) return refuse('INVALID_STATE', plan.message);
    plans.push(plan);
  }
  for (const plan of plans) carryOut(plan);
  proceed(walk);
  return undefined;
}

/** One whose beginning has failed opens its events when the incident is resolved. */
function hasBegun(walk: Walk, holderKey: Key): boolean {
  if (holderKey === walk.instanceId) return true;
  const { incidentKey, listening } = walk.element(holderKey);
  // Before an element begins, and when it is over, it waits for its listeners alone.
  if (listening !== undefined && waitsForListenersAlone(listening)) return false;
  return incidentKey === undefined || walk.context.draft.get('incident', incidentKey)?.retry !== 'enter';
}
