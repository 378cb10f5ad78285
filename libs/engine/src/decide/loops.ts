import type { FlowNode, Loop, MultiInstance } from '@millrace/bpmn';
import type { ElementRow, EventOf, Key, LoopState, Variables } from '@millrace/records';
import { assert } from '@millrace/std';
import { elementRow, ofInstance, ofScope } from '../row-keys.ts';
import { collect } from '../collect.ts';
import { jsonSize } from '../json-size.ts';
import { HOPS_PER_STEP_MAX, LOOP_BYTES_MAX, LOOP_CHUNK_ITEMS, LOOP_COUNT_MAX } from '../limits.ts';
import { activate } from './activate.ts';
import { carryOut } from './attached.ts';
import { planBoundary } from './boundary.ts';
import { ofElement } from './close.ts';
import { closeScope } from './closing.ts';
import { whyNotKept } from './compensation.ts';
import { enterIteration } from './enter.ts';
import { type Surroundings, evaluateAny, evaluateCondition, evaluateCount, evaluateList } from './expressions.ts';
import { Failure } from './failure.ts';
import { planImplicit } from './implicit-throws.ts';
import { raiseIncident } from './incidents.ts';
import { checkHops } from './joins.ts';
import { complete, leave } from './leave.ts';
import { propagate, setVariables } from './scopes.ts';
import { surroundings } from './surroundings.ts';
import type { ReadyLoop, Walk } from './walk.ts';

/**
 * Activities that are done several times (BPMN 2.0.2 §13.3.6, §13.3.7). The element that the token is in becomes the body, a
 * scope; each iteration is an element in it. Boundary events belong to the body, mappings to the iterations.
 *
 * LP1. An iteration costs rows of its own and one chunk of the collection, whatever the size of that.
 * LP2. Iterations begin one by one, so that a step may end between any two.
 */
export function openLoop(walk: Walk, body: ElementRow, loop: Loop, hops: number): Failure | undefined {
  const boundary = planBoundary(walk, body);
  if (boundary instanceof Failure) return boundary;
  const plan = planLoop(loop, surroundings(walk, body), body.elementId);
  if (plan instanceof Failure) return plan;
  const { isOver, ...started } = plan;
  walk.context.emit({ kind: 'loop.started', ...ofElement(body), ...started, hops });
  carryOut(boundary);
  if (isOver) leave(walk, body.elementKey, {}, hops);
  else walk.pushLoop({ bodyKey: body.elementKey, hops });
  return undefined;
}

type LoopPlan = { readonly isOver: boolean } & Pick<
  EventOf<'loop.started'>,
  'count' | 'items' | 'inputElement' | 'outputElement'
>;

function planLoop(loop: Loop, around: Surroundings, elementId: string): LoopPlan | Failure {
  if (loop.kind === 'multiInstance') return planMultiInstance(loop, around);
  if (!loop.testBefore || loop.condition === undefined) return { isOver: false };
  const holds = evaluateCondition(loop.condition, withNumber(around, 0), `the loop "${elementId}"`);
  return holds instanceof Failure ? holds : { isOver: !holds };
}

function planMultiInstance(loop: MultiInstance, around: Surroundings): LoopPlan | Failure {
  const { inputCollection, cardinality, inputElement, outputElement } = loop;
  const items = inputCollection && evaluateList(inputCollection, around, 'the input collection');
  if (items instanceof Failure) return items;
  const count = cardinality === undefined ? items?.length : evaluateCount(cardinality, around, 'the loop cardinality');
  if (count instanceof Failure) return count;
  assert(count !== undefined, 'expected a multi-instance to have a collection or a cardinality');
  if (count > LOOP_COUNT_MAX) {
    return new Failure('EXPRESSION_FAILED', `expected at most ${LOOP_COUNT_MAX} iterations, found ${count}`);
  }
  const bytes = items === undefined || inputElement === undefined ? 0 : jsonSize(items);
  if (bytes > LOOP_BYTES_MAX) {
    const message = `expected an input collection of at most ${LOOP_BYTES_MAX} bytes as JSON, found ${bytes}`;
    return new Failure('VARIABLES_TOO_LARGE', message);
  }
  const own =
    outputElement?.kind === 'feel'
      ? /^[\p{L}_][\p{L}\p{N}_]*(?=(\.[\p{L}_][\p{L}\p{N}_]*)*$)/u.exec(outputElement.text)?.[0]
      : undefined;
  return {
    isOver: count === 0,
    count,
    ...(items === undefined || inputElement === undefined ? undefined : { items, inputElement }),
    // As in Zeebe: what the result is named by is the iteration's own, and is nothing at first.
    ...(own === undefined || own === inputElement ? undefined : { outputElement: own }),
  };
}

/** The next iteration of a loop that has more. One that was closed meanwhile is gone. */
export function beginIteration(walk: Walk, { bodyKey, hops }: ReadyLoop): void {
  const body = walk.context.draft.get('element', elementRow(walk.instanceId, bodyKey));
  if (body?.loop === undefined || !walk.isOpen(bodyKey)) return;
  const standstill = checkHops(walk, hops);
  if (standstill !== undefined) return raiseIncident(walk, body, standstill, 'loop');
  const loopCounter = body.loop.begun + 1;
  const childKey = enterIteration(walk, body, loopCounter);
  if (isParallel(loopOf(walk, body)) && loopCounter < (body.loop.count ?? 0)) walk.pushLoop({ bodyKey, hops });
  return activate(walk, childKey, hops + 1);
}

/** An iteration has done its work and mapped it. What is evaluated here can fail: until then nothing is done. */
export function leaveIteration(walk: Walk, child: ElementRow, hops: number): void {
  const body = walk.element(child.scopeKey);
  const state = stateOf(body);
  const loop = loopOf(walk, body);
  const around = surroundings(walk, child);
  const collected = collectOutput(loop, state, child, around);
  if (collected instanceof Failure) return raiseIncident(walk, child, collected, 'leave');
  const isOver = loop.kind === 'multiInstance' ? isSatisfied(loop, body, around) : hasEnded(loop, state, around, body);
  if (isOver instanceof Failure) return raiseIncident(walk, child, isOver, 'leave');
  const unkept = whyNotKept(walk, child);
  if (unkept !== undefined) return raiseIncident(walk, child, unkept, 'leave');
  const thrown = planThrown(walk, loop, body, around, hops);
  if (thrown instanceof Failure) return raiseIncident(walk, child, thrown, 'leave');
  const { loopCounter = 0 } = child;
  if (collected !== undefined) {
    walk.context.emit({ kind: 'loop.collected', ...ofElement(body), loopCounter, ...collected });
  }
  complete(walk, child.elementKey);
  for (const open of thrown) {
    // What was thrown before may have ended the activity, or all.
    if (isRunning(walk, body)) open();
  }
  return isRunning(walk, body) ? goOn(walk, walk.element(body.elementKey), isOver, hops) : undefined;
}

function isRunning(walk: Walk, { elementKey }: ElementRow): boolean {
  return !walk.isOver && walk.findScope(elementKey) !== undefined && walk.isOpen(elementKey);
}

function planThrown(
  walk: Walk,
  loop: Loop,
  body: ElementRow,
  { variables, now }: Surroundings,
  hops: number,
): readonly (() => void)[] | Failure {
  if (loop.kind !== 'multiInstance' || loop.throws === undefined) return [];
  const counts = countsOf(loop, body);
  return planImplicit(walk, loop, body, { variables: { ...variables, ...counts }, now }, counts, hops);
}

/** An iteration was taken away. Of a standard loop nobody knows whether it would have gone on: it does not. */
export function goOnWithout(walk: Walk, bodyKey: Key): boolean {
  const body = walk.element(bodyKey);
  if (loopOf(walk, body).kind !== 'multiInstance') return false;
  goOn(walk, body, false, 0);
  return true;
}

function goOn(walk: Walk, body: ElementRow, isOver: boolean, hops: number): void {
  const { elementKey, tokens = 0 } = body;
  const { count, begun, ...state } = stateOf(body);
  const loop = loopOf(walk, body);
  if (isOver) return closeScope(walk, elementKey, { kind: 'complete', hops });
  if (begun === count) return tokens === 0 ? leave(walk, elementKey, {}, hops) : undefined;
  if (isParallel(loop)) return undefined;
  // A condition may hold for ever; a collection comes to an end, however long it is.
  const next = loop.kind === 'multiInstance' ? Math.min(state.hops, hops) : hops;
  return walk.pushLoop({ bodyKey: elementKey, hops: next });
}

function collectOutput(
  loop: Loop,
  state: LoopState,
  { elementId }: ElementRow,
  around: Surroundings,
): { readonly value: unknown; readonly outputBytes: number } | undefined | Failure {
  if (loop.kind !== 'multiInstance' || loop.outputElement === undefined) return undefined;
  const value = evaluateAny(loop.outputElement, around, 'EXPRESSION_FAILED');
  if (value instanceof Failure) return value;
  const outputBytes = state.outputBytes + jsonSize(value) + 1;
  if (outputBytes <= LOOP_BYTES_MAX) return { value, outputBytes };
  const message = `expected the output collection of "${elementId}" to take at most ${LOOP_BYTES_MAX} bytes as JSON, found ${outputBytes}`;
  return new Failure('VARIABLES_TOO_LARGE', message);
}

/** Zeebe's variables; the iteration that asks counts as completed. */
function countsOf({ isSequential }: MultiInstance, body: ElementRow): Variables {
  const { count = 0, begun, terminated } = stateOf(body);
  const active = (body.tokens ?? 0) - 1;
  return {
    numberOfInstances: isSequential ? begun : count,
    numberOfActiveInstances: active,
    numberOfCompletedInstances: begun - active - terminated,
    numberOfTerminatedInstances: terminated,
  };
}

function isSatisfied(loop: MultiInstance, body: ElementRow, around: Surroundings) {
  const { completionCondition } = loop;
  if (completionCondition === undefined) return false;
  const variables: Variables = { ...around.variables, ...countsOf(loop, body) };
  return evaluateCondition(completionCondition, { ...around, variables }, `the multi-instance "${body.elementId}"`);
}

function hasEnded(
  { condition, maximum }: Extract<Loop, { kind: 'standardLoop' }>,
  { begun }: LoopState,
  around: Surroundings,
  { elementId }: ElementRow,
): boolean | Failure {
  if (maximum !== undefined && begun >= maximum) return true;
  if (condition === undefined) return false;
  const holds = evaluateCondition(condition, around, `the loop "${elementId}"`);
  return holds instanceof Failure ? holds : !holds;
}

/** What the iterations gave, in the order of the items; nothing where one was ended before it could. */
export function mergeOutputs(walk: Walk, body: ElementRow): Failure | undefined {
  const { context, instanceId } = walk;
  const loop = loopOf(walk, body);
  if (loop.kind !== 'multiInstance' || loop.outputCollection === undefined) return undefined;
  const list: unknown[] = Array.from({ length: stateOf(body).count ?? 0 }, () => null);
  for (const [key, { values }] of context.draft.range('loopOutputs', ofScope(instanceId, body.elementKey))) {
    const from = Number(key.slice(key.lastIndexOf('/') + 1)) * LOOP_CHUNK_ITEMS;
    for (const [place, value] of Object.entries(values)) list[from + Number(place)] = value;
  }
  const values = { [loop.outputCollection]: list };
  return setVariables(context, instanceId, propagate(context.draft, instanceId, body.scopeKey, values));
}

export function deferLoop(walk: Walk, { bodyKey, hops }: ReadyLoop): boolean {
  const body = walk.context.draft.get('element', elementRow(walk.instanceId, bodyKey));
  if (body === undefined || !walk.isOpen(bodyKey)) return false;
  walk.context.emit({ kind: 'loop.deferred', ...ofElement(body), hops });
  return true;
}

/** Whether there are more than one step may take up. */
export function resumeLoops(walk: Walk): boolean {
  const { context, instanceId } = walk;
  let count = 0;
  for (const { elementKey, hops } of collect(context.draft, 'loopDeferred', ofInstance(instanceId))) {
    if (!walk.isOpen(elementKey)) continue;
    if (count === HOPS_PER_STEP_MAX) return true;
    count += 1;
    context.emit({ kind: 'loop.resumed', ...ofElement(walk.element(elementKey)) });
    walk.pushLoop({ bodyKey: elementKey, hops });
  }
  return false;
}

function isParallel(loop: Loop): boolean {
  return loop.kind === 'multiInstance' && !loop.isSequential;
}

function loopOf(walk: Walk, { elementId }: ElementRow): Loop {
  const { loop }: FlowNode = walk.node(elementId);
  assert(loop !== undefined, `expected element ${elementId} to be a loop`);
  return loop;
}

function stateOf({ loop, elementId }: ElementRow): LoopState {
  assert(loop !== undefined, `expected the loop ${elementId} to have begun`);
  return loop;
}

function withNumber({ variables, now }: Surroundings, loopCounter: number): Surroundings {
  return { variables: { ...variables, loopCounter }, now };
}
