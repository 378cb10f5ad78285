import type { FlowNode } from '@millrace/bpmn';
import type { ElementRow, Key } from '@millrace/records';
import { deferredOf, elementOf } from '../apply/rows.ts';
import { joinRow, joinRowsOf, ofInstance, ofScope } from '../row-keys.ts';
import { HOPS_WITHOUT_WAIT_MAX } from '../limits.ts';
import { hasComplexJoins, inclusiveReach } from '../inclusive-reach.ts';
import { activate } from './activate.ts';
import { canActivate, consumedAt, enterActivated, enterReset, isComplexJoin } from './complex-gateway.ts';
import { enter } from './enter.ts';
import { Failure } from './failure.ts';
import { raiseIncident } from './incidents.ts';
import { ringText } from './ring.ts';
import type { ReadyToken, Walk } from './walk.ts';

/** Tokens on the way to such a gateway wait there for each other. */
export function isJoin({ kind, incoming }: FlowNode): boolean {
  if (incoming.length < 2) return false;
  return kind === 'parallelGateway' || kind === 'inclusiveGateway' || kind === 'complexGateway';
}

/** The token can go on; one that has come to a join only when it is the last that the others waited for. */
export function makeReady(walk: Walk, token: ReadyToken): void {
  const node = walk.node(walk.flow(token.flowId).target);
  if (!isJoin(node) || isComplete(walk, token.scopeKey, node)) walk.push(token);
}

/** A parallel join waits until each incoming flow has a token; several on one flow count for as many rounds. */
function isComplete(walk: Walk, scopeKey: Key, node: FlowNode): boolean {
  if (isComplexJoin(node)) return canActivate(walk, scopeKey, node);
  const { id, kind, incoming } = node;
  if (kind === 'inclusiveGateway') return false;
  const waiting = waitingAt(walk, scopeKey, id);
  return incoming.every((flowId) => (waiting[flowId] ?? 0) > 0);
}

/** A token has come to a join: what waits there goes on when that was enough. */
export function arriveAtJoin(walk: Walk, scopeKey: Key, node: FlowNode, hops: number): void {
  if (!isComplete(walk, scopeKey, node)) return;
  const isComplex = isComplexJoin(node);
  const elementKey = isComplex ? enterActivated(walk, scopeKey, node) : enter(walk, node.id, scopeKey, node.incoming);
  activateJoin(walk, elementKey, hops);
}

/**
 * An inclusive join waits while a token elsewhere in its scope could still come to it on a flow that has none. Nobody knows
 * while tokens move: it is asked when all have come to rest, of the scopes in which something happened. Enters the first
 * gateway that need not wait any longer; false when there is none.
 */
export function enterWaitingJoin(walk: Walk, hops: number): boolean {
  const reach = inclusiveReach(walk.model);
  if (reach === undefined) return false;
  const { draft } = walk.context;
  for (const scopeKey of touchedScopes(walk)) {
    if (!walk.isOpen(scopeKey)) {
      walk.touched.delete(scopeKey);
      continue;
    }
    if (enterComplexJoin(walk, scopeKey, hops)) return true;
    const rows = joinRowsOf(walk.instanceId, scopeKey);
    for (const [key, { waiting }] of draft.range('join', rows)) {
      const gatewayId = key.slice(rows.prefix.length);
      const positions = reach.get(gatewayId);
      if (positions === undefined || isComplexJoin(walk.node(gatewayId))) continue;
      const flowIds = Object.keys(waiting);
      if (someTokenCouldCome(walk, scopeKey, gatewayId, positions(), new Set(flowIds))) continue;
      activateJoin(walk, enter(walk, gatewayId, scopeKey, flowIds, undefined, true), hops);
      return true;
    }
    walk.touched.delete(scopeKey);
  }
  return false;
}

/** Resets come first: what they send on may be waited for. */
function enterComplexJoin(walk: Walk, scopeKey: Key, hops: number): boolean {
  if (!hasComplexJoins(walk.model)) return false;
  if (enterNextReset(walk, scopeKey, hops)) return true;
  const rows = joinRowsOf(walk.instanceId, scopeKey);
  for (const [key] of walk.context.draft.range('join', rows)) {
    const node = walk.node(key.slice(rows.prefix.length));
    if (!isComplexJoin(node) || !canActivate(walk, scopeKey, node)) continue;
    activateJoin(walk, enterActivated(walk, scopeKey, node), hops);
    return true;
  }
  return false;
}

/** CG2. Whether a complex gateway of the scope was reset: one to which no further token can come. */
export function enterNextReset(walk: Walk, scopeKey: Key, hops: number): boolean {
  if (!hasComplexJoins(walk.model)) return false;
  const rows = joinRowsOf(walk.instanceId, scopeKey);
  for (const [key] of walk.context.draft.range('gatewayPhase', rows)) {
    const gatewayId = key.slice(rows.prefix.length);
    const consumed = consumedAt(walk, scopeKey, gatewayId);
    const positions = inclusiveReach(walk.model)?.get(gatewayId);
    if (consumed === undefined || positions === undefined) continue;
    const marked = new Set([...consumed, ...Object.keys(waitingAt(walk, scopeKey, gatewayId))]);
    if (someTokenCouldCome(walk, scopeKey, gatewayId, positions(), marked)) continue;
    activateJoin(walk, enterReset(walk, scopeKey, gatewayId), hops);
    return true;
  }
  return false;
}

/** The tokens have become one. One that has passed too much without waiting stands still in the gateway. */
function activateJoin(walk: Walk, elementKey: Key, hops: number): void {
  const failure = checkHops(walk, hops);
  if (failure === undefined) activate(walk, elementKey, hops + 1);
  else raiseIncident(walk, walk.element(elementKey), failure, 'enter');
}

export function checkHops({ context }: Walk, hops: number): Failure | undefined {
  if (hops < HOPS_WITHOUT_WAIT_MAX) return undefined;
  return new Failure(
    'ENDLESS_LOOP',
    `expected the token to wait somewhere, but it passed ${hops} elements without${ringText(context)}`,
  );
}

/** A step that was long enough leaves its joins as they are: the next one asks all of them. */
export function resumeJoins(walk: Walk, hops: number): void {
  for (const [key, { waiting }] of walk.context.draft.range('join', ofInstance(walk.instanceId))) {
    const [, scope = '', gatewayId = ''] = key.split('/');
    const scopeKey = scope === '' ? walk.instanceId : scope;
    walk.touched.add(scopeKey);
    const [flowId = ''] = Object.keys(waiting);
    if (isComplete(walk, scopeKey, walk.node(gatewayId))) walk.push({ flowId, scopeKey, hops });
  }
  if (!hasComplexJoins(walk.model)) return;
  for (const [key] of walk.context.draft.range('gatewayPhase', ofInstance(walk.instanceId))) {
    const [, scope = ''] = key.split('/');
    walk.touched.add(scope === '' ? walk.instanceId : scope);
  }
}

function touchedScopes(walk: Walk): ReadonlySet<Key> {
  const { events } = walk.context;
  for (; walk.eventsSeen < events.length; walk.eventsSeen += 1) {
    const event = events[walk.eventsSeen];
    if (event === undefined || !('scopeKey' in event) || event.instanceId !== walk.instanceId) continue;
    walk.touched.add(event.scopeKey);
    // CG1. A condition sees the variables of the scopes around it.
    if (event.kind === 'variables.changed' && hasComplexJoins(walk.model)) touchJoins(walk);
  }
  return walk.touched;
}

function touchJoins({ context, instanceId, touched }: Walk): void {
  for (const [key] of context.draft.range('join', ofInstance(instanceId))) {
    const [, scope = ''] = key.split('/');
    touched.add(scope === '' ? instanceId : scope);
  }
}

/**
 * BPMN 2.0.2 §13.4.3: there is a token with a way to an incoming flow without one, and none to an incoming flow that has
 * one; ways through the gateway itself do not count.
 */
function someTokenCouldCome(
  walk: Walk,
  scopeKey: Key,
  gatewayId: string,
  positions: ReadonlyMap<string, ReadonlySet<string>>,
  marked: ReadonlySet<string>,
): boolean {
  const { draft } = walk.context;
  const couldCome = (elementId: string): boolean => {
    const flowIds = positions.get(elementId);
    return flowIds !== undefined && flowIds.isDisjointFrom(marked);
  };
  for (const element of elementsIn(walk, scopeKey)) if (couldCome(element.elementId)) return true;
  for (const token of deferredOf(draft, walk.instanceId, scopeKey)) {
    const { target } = walk.flow(token.flowId);
    if (target !== gatewayId && couldCome(target)) return true;
  }
  const rows = joinRowsOf(walk.instanceId, scopeKey);
  for (const [key] of draft.range('join', rows)) {
    const otherId = key.slice(rows.prefix.length);
    if (otherId !== gatewayId && couldCome(otherId)) return true;
  }
  return false;
}

function* elementsIn({ context, instanceId }: Walk, scopeKey: Key): Iterable<ElementRow> {
  const { draft } = context;
  if (scopeKey !== instanceId) {
    for (const [, { elementKey }] of draft.range('child', ofScope(instanceId, scopeKey))) {
      yield elementOf(draft, instanceId, elementKey);
    }
    return;
  }
  for (const [, element] of draft.range('element', ofInstance(instanceId))) {
    if (element.scopeKey === scopeKey) yield element;
  }
}

function waitingAt(walk: Walk, scopeKey: Key, gatewayId: string): Readonly<Record<string, number>> {
  return walk.context.draft.get('join', joinRow(walk.instanceId, scopeKey, gatewayId))?.waiting ?? {};
}
