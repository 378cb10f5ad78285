import { elementsBefore, elementsBehind } from '@millrace/bpmn';
import type { AfterClosing, CommandOf, DeferredRow, ElementRow, Key, Variables } from '@millrace/records';
import { deferredOf } from '../apply/rows.ts';
import { nodeOf } from '../model-lookup.ts';
import { elementRow, joinRowsOf, variablesRow } from '../row-keys.ts';
import { activate } from './activate.ts';
import { ofElement, terminateElement } from './close.ts';
import { closeScope } from './closing.ts';
import { forgetPhases } from './complex-gateway.ts';
import { type Context, type Refusal, refuse } from './context.ts';
import { enter } from './enter.ts';
import { operableElements } from './modify.ts';
import { onElement } from './on-instance.ts';
import { checkSize, setVariables, sizeWithout } from './scopes.ts';
import type { Walk } from './walk.ts';

/**
 * Back in steps: a token returns to an element that it has passed, and does it again.
 *
 * BK1. Only to an element with `millrace:back` that has completed in a scope around the token, and from which a way leads to where the
 *      token is, or to the sub-process that it is in.
 * BK2. What is under way in its place ends as when it is interrupted: what it waits for, what runs in it, what it has called.
 * BK3. Other tokens that may have come of the element are in the way, wherever they wait; whoever asks says that they go too.
 * BK4. Variables stay as they are, but for those that the model or whoever asks removes. What has completed can still be undone.
 */
export function moveTokenBack(context: Context, command: CommandOf<'moveTokenBack'>): Refusal | undefined {
  const { instanceId, elementKey, to, variables = {}, remove = [], withOthers } = command;
  return onElement(context, instanceId, elementKey, (walk, element) => {
    const refusal = whyNotFrom(element);
    if (refusal !== undefined) return refusal;
    const way = to === undefined ? lastWay(walk, element) : wayTo(walk, element, to);
    if (way === undefined) return refuse('NOT_ALLOWED', whyNoWay(walk, element, to));
    const elements = operableElements(walk);
    if (!Array.isArray(elements)) return elements;
    const others = othersBehind(walk, way, elements);
    if (withOthers !== true && others.count > 0) return refuse('INVALID_STATE', inTheWay(way, others));
    const changes = [{ scopeKey: instanceId, values: variables }];
    const tooLarge = checkSize(context.draft, instanceId, changes);
    if (tooLarge !== undefined) return refuse('TOO_LARGE', tooLarge.message);
    if (Object.keys(variables).length > 0) setVariables(context, instanceId, changes);
    withdraw(walk, way, others);
    const gone = [...(walk.node(way.to).back?.remove ?? []), ...remove].filter(
      (name) => !Object.hasOwn(variables, name),
    );
    // The one that goes back comes first, so that its scope never has no token.
    closeScope(walk, way.at.elementKey, { kind: 'back', to: way.to, remove: [...new Set(gone)], hops: 0 });
    for (const other of others.elements) takeOther(walk, other.elementKey);
    return undefined;
  });
}

/** `at`: the token, or what it is in, beside the element that it goes back to. */
interface Way {
  readonly at: ElementRow;
  readonly to: string;
}

interface Others {
  readonly elements: readonly ElementRow[];
  readonly gatewayIds: readonly string[];
  readonly tokens: readonly DeferredRow[];
  readonly count: number;
}

function whyNotFrom({ elementId, closing, compensation, isDriver, restores }: ElementRow): Refusal | undefined {
  if (closing !== undefined) return refuse('INVALID_STATE', `"${elementId}" is being closed`);
  if (compensation === undefined && isDriver !== true && restores === undefined) return undefined;
  return refuse('INVALID_STATE', `"${elementId}" undoes what was done before: it goes back nowhere`);
}

function lastWay(walk: Walk, at: ElementRow): Way | undefined {
  const to = stepsBefore(walk, at).at(-1);
  if (to !== undefined) return { at, to };
  return at.scopeKey === walk.instanceId ? undefined : lastWay(walk, walk.element(at.scopeKey));
}

function wayTo(walk: Walk, at: ElementRow, to: string): Way | undefined {
  if (stepsBefore(walk, at).includes(to)) return { at, to };
  return at.scopeKey === walk.instanceId ? undefined : wayTo(walk, walk.element(at.scopeKey), to);
}

/** BK1. By the model as it is now: a migration may have changed its mind. */
function stepsBefore(walk: Walk, { scopeKey, elementId }: ElementRow): readonly string[] {
  const { passed = [] } = walk.holder(scopeKey);
  if (passed.length === 0) return passed;
  const before = elementsBefore(walk.model, elementId);
  return passed.filter((id) => before.has(id) && nodeOf(walk.model, id)?.back !== undefined);
}

function whyNoWay(walk: Walk, { elementId }: ElementRow, to: string | undefined): string {
  if (to === undefined) return `expected an element before "${elementId}" that the token may go back to`;
  const node = nodeOf(walk.model, to);
  if (node === undefined) return `expected an element of the process "${walk.model.id}", found "${to}"`;
  if (node.back === undefined) return `expected "${to}" to permit that tokens come back: it has no millrace:back`;
  return `expected the token at "${elementId}" to have passed "${to}"`;
}

function othersBehind(walk: Walk, { at, to }: Way, all: readonly ElementRow[]): Others {
  const behind = elementsBehind(walk.model, to);
  const isBehind = (id: string): boolean => id === to || behind.has(id);
  const elements = all.filter(
    ({ scopeKey, elementKey, elementId }) =>
      scopeKey === at.scopeKey && elementKey !== at.elementKey && isBehind(elementId),
  );
  const { draft } = walk.context;
  const rows = joinRowsOf(walk.instanceId, at.scopeKey);
  const joins = [...draft.range('join', rows)].map(([key]) => key.slice(rows.prefix.length)).filter(isBehind);
  const tokens = deferredOf(draft, walk.instanceId, at.scopeKey).filter(({ flowId }) =>
    isBehind(walk.flow(flowId).target),
  );
  return { elements, gatewayIds: joins, tokens, count: elements.length + joins.length + tokens.length };
}

const NAMED_MAX = 10;

function inTheWay({ to }: Way, { elements, gatewayIds }: Others): string {
  const places = [...new Set([...elements.map(({ elementId }) => elementId), ...gatewayIds])];
  const named = places.slice(0, NAMED_MAX).map((id) => `"${id}"`);
  return `expected no other token behind "${to}", found some at ${named.join(', ')}; they can be ended with it`;
}

function withdraw(walk: Walk, { at: { scopeKey }, to }: Way, { gatewayIds, tokens }: Others): void {
  // What such a gateway knows of this round is of no use to the next.
  const behind = elementsBehind(walk.model, to);
  forgetPhases(walk, scopeKey, (gatewayId) => behind.has(gatewayId));
  if (gatewayIds.length + tokens.length === 0) return;
  const { context, instanceId } = walk;
  for (const { incidentKey, flowId } of tokens) {
    if (incidentKey === undefined) continue;
    const elementId = walk.flow(flowId).target;
    context.emit({ kind: 'incident.resolved', instanceId, incidentKey, elementId, by: 'left' });
  }
  const tokenKeys = tokens.map(({ tokenKey }) => tokenKey);
  context.emit({ kind: 'tokens.withdrawn', instanceId, scopeKey, gatewayIds, tokenKeys });
}

function takeOther(walk: Walk, elementKey: Key): void {
  const element = walk.context.draft.get('element', elementRow(walk.instanceId, elementKey));
  if (element === undefined || element.closing !== undefined || !walk.isOpen(element.scopeKey)) return;
  closeScope(walk, elementKey, { kind: 'terminate', hops: 0 });
}

/** Nothing is left in the place of the token. */
export function goBack(walk: Walk, elementKey: Key, next: Extract<AfterClosing, { readonly kind: 'back' }>): void {
  const element = walk.element(elementKey);
  const { scopeKey } = element;
  const toKey = enter(walk, next.to, scopeKey, []);
  terminateElement(walk, element);
  walk.context.emit({ kind: 'token.movedBack', ...ofElement(element), scopeKey, to: next.to, toKey });
  removeVariables(walk, scopeKey, next.remove);
  activate(walk, toKey, 1);
}

/** Each from the nearest scope that has it. */
function removeVariables(walk: Walk, scopeKey: Key, names: readonly string[]): void {
  const { context, instanceId } = walk;
  const own: Variables = context.draft.get('variables', variablesRow(instanceId, scopeKey))?.values ?? {};
  const here = names.filter((name) => Object.hasOwn(own, name));
  if (here.length > 0) {
    const variableBytes = sizeWithout(context.draft, instanceId, scopeKey, here);
    context.emit({ kind: 'variables.removed', instanceId, scopeKey, names: here, variableBytes });
  }
  const rest = names.filter((name) => !here.includes(name));
  if (rest.length > 0 && scopeKey !== instanceId) removeVariables(walk, walk.element(scopeKey).scopeKey, rest);
}
