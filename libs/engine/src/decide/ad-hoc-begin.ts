import type { AdHocSubProcess } from '@millrace/bpmn';
import type { AdHocBeginning, ElementRow, Key } from '@millrace/records';
import { assert } from '@millrace/std';
import { entriesSize } from '../json-size.ts';
import { nodeOf } from '../model-lookup.ts';
import { activate } from './activate.ts';
import { ofElement } from './close.ts';
import { enter } from './enter.ts';
import { evaluateAny } from './expressions.ts';
import { Failure } from './failure.ts';
import { raiseIncident } from './incidents.ts';
import { complete } from './leave.ts';
import { ownVariables, propagate, setVariables } from './scopes.ts';
import { surroundings } from './surroundings.ts';
import type { Walk } from './walk.ts';

/**
 * What an ad-hoc sub-process begins.
 *
 * AH1. Where a job or an output collection asks for it, what is begun runs in an element of its own, which has the id of the sub-process:
 *      its variables are its own, and go nowhere (Zeebe's inner instance). Otherwise it runs in the sub-process itself.
 * AH2. A sequential one begins nothing while anything runs in it. What is to begin is in its row, and counts as variables.
 */
const innerKind = 'adHocInner';

export function isInner({ elementKind }: ElementRow): boolean {
  return elementKind === innerKind;
}

const eventDriven: ReadonlySet<string> = new Set(['boundaryEvent', 'eventSubProcess', 'eventPart']);

/** What nothing leads to, and no event starts. */
export function canBegin({ model }: Walk, { id: scope }: AdHocSubProcess, id: unknown): boolean {
  const node = typeof id === 'string' ? nodeOf(model, id) : undefined;
  if (node?.scope !== scope || node.incoming.length > 0 || node.isForCompensation === true) return false;
  return !eventDriven.has(node.kind) && node.actionOf === undefined;
}

export function whyUnfit({ id }: AdHocSubProcess, found: unknown): string {
  return `expected an element of "${id}" that no sequence flow leads to, found ${JSON.stringify(found)}`;
}

export function beginAll(walk: Walk, scopeKey: Key, beginnings: readonly AdHocBeginning[], hops: number): void {
  const element = walk.element(scopeKey);
  const node = adHocOf(walk, element);
  if (node.isSequential !== true) return begin(walk, scopeKey, node, beginnings, hops);
  if (beginnings.length === 0) return undefined;
  const variableBytes = walk.instance.variableBytes + sizeOf(beginnings);
  walk.context.emit({ kind: 'adHoc.queued', ...ofElement(element), beginnings, variableBytes });
  return beginNext(walk, scopeKey, hops);
}

/** AH2. The next, when nothing runs. */
export function beginNext(walk: Walk, scopeKey: Key, hops: number): void {
  const element = walk.element(scopeKey);
  const [next] = element.queued ?? [];
  if (next === undefined || (element.tokens ?? 0) > 0) return;
  const variableBytes = walk.instance.variableBytes - sizeOf([next]);
  walk.context.emit({ kind: 'adHoc.dequeued', ...ofElement(element), variableBytes });
  begin(walk, scopeKey, adHocOf(walk, element), [next], hops);
}

/** The sub-process is over: what has not begun never does. */
export function clearQueue(walk: Walk, element: ElementRow): void {
  const { queued } = element;
  if (queued === undefined) return;
  const variableBytes = walk.instance.variableBytes - sizeOf(queued);
  walk.context.emit({ kind: 'adHoc.dequeued', ...ofElement(element), isClosed: true, variableBytes });
}

/** The first may end the sub-process, or the instance: what is left then does not begin. */
function begin(
  walk: Walk,
  scopeKey: Key,
  node: AdHocSubProcess,
  beginnings: readonly AdHocBeginning[],
  hops: number,
): void {
  const keys = beginnings.map(({ elementId, variables }) => {
    if (node.job === undefined && node.outputCollection === undefined) return enter(walk, elementId, scopeKey, []);
    const innerKey = enterInner(walk, node, scopeKey);
    // Whether they fit has been asked.
    if (variables !== undefined)
      setVariables(walk.context, walk.instanceId, [{ scopeKey: innerKey, values: variables }]);
    return enter(walk, elementId, innerKey, []);
  });
  for (const key of keys) if (!walk.isOver && walk.isOpen(scopeKey)) activate(walk, key, hops + 1);
}

function enterInner({ context, instanceId }: Walk, { id: elementId }: AdHocSubProcess, scopeKey: Key): Key {
  const elementKey = context.nextKey();
  const entered = { kind: 'element.entered', instanceId, elementId, elementKey } as const;
  context.emit({ ...entered, elementKind: innerKind, scopeKey, flowIds: [] });
  return elementKey;
}

/** AH1. The last token in it has ended: what it gives is collected. */
export function completeInner(walk: Walk, inner: ElementRow, hops: number): void {
  const node = adHocOf(walk, inner);
  const failure = collectOutput(walk, inner, node);
  if (failure !== undefined) return raiseIncident(walk, inner, failure, 'leave');
  complete(walk, inner.elementKey);
  return walk.noteEnd(inner.scopeKey, hops);
}

function collectOutput(walk: Walk, inner: ElementRow, node: AdHocSubProcess): Failure | undefined {
  const { outputCollection, outputElement } = node;
  if (outputCollection === undefined || outputElement === undefined) return undefined;
  const value = evaluateAny(outputElement, surroundings(walk, inner), 'EXPRESSION_FAILED');
  if (value instanceof Failure) return value;
  const list = [...collected(walk, inner.scopeKey, outputCollection), value];
  return setVariables(walk.context, walk.instanceId, [
    { scopeKey: inner.scopeKey, values: { [outputCollection]: list } },
  ]);
}

function collected(walk: Walk, scopeKey: Key, name: string): readonly unknown[] {
  const value = ownVariables(walk.context.draft, walk.element(scopeKey))[name];
  return Array.isArray(value) ? value : [];
}

/** What has been collected leaves the sub-process with it, unless its output mappings say what does. */
export function passCollection(walk: Walk, element: ElementRow): Failure | undefined {
  const node = walk.node(element.elementId);
  if (node.kind !== 'adHocSubProcess' || node.outputCollection === undefined || node.outputs.length > 0)
    return undefined;
  // An iteration has it for what the loop collects.
  if (element.loopCounter !== undefined) return undefined;
  const values = { [node.outputCollection]: collected(walk, element.elementKey, node.outputCollection) };
  const { draft } = walk.context;
  return setVariables(walk.context, walk.instanceId, propagate(draft, walk.instanceId, element.scopeKey, values));
}

function sizeOf(beginnings: readonly AdHocBeginning[]): number {
  return beginnings.reduce((bytes, { variables = {} }) => bytes + entriesSize(variables), 0);
}

function adHocOf(walk: Walk, { elementId }: ElementRow): AdHocSubProcess {
  const node = walk.node(elementId);
  assert(node.kind === 'adHocSubProcess', `expected ${elementId} to be an ad-hoc sub-process`);
  return node;
}
