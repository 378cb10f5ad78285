import type { Key } from '@millrace/records';
import { HOPS_PER_STEP_MAX, HOPS_WITHOUT_WAIT_MAX, TOKENS_MAX } from '../limits.ts';
import { collect } from '../collect.ts';
import { deferredRow, joinRow, ofInstance } from '../row-keys.ts';
import { activate } from './activate.ts';
import { continueLater } from './continue-later.ts';
import { endInstance, finishEnding } from './end.ts';
import { enter } from './enter.ts';
import { Failure } from './failure.ts';
import type { ReadyToken, Walk } from './walk.ts';

/**
 * Moves every token that can move until each waits or has ended. Called last by whatever set tokens free.
 * E3. What is left after `HOPS_PER_STEP_MAX` elements is put down in state, and a `continue` command takes it up.
 */
export function proceed(walk: Walk): void {
  let spent = 0;
  // `ready` grows while we go through it.
  for (let at = 0; at < walk.ready.length && !walk.isOver; at += 1) {
    const token = walk.ready[at] as ReadyToken;
    if (spent >= HOPS_PER_STEP_MAX) {
      defer(walk, walk.ready.slice(at));
      break;
    }
    spent += 1;
    arrive(walk, token);
  }
  walk.ready.length = 0;
  if (!walk.isOver && walk.instance.tokens === 0) endInstance(walk, 'completed');
}

function arrive(walk: Walk, token: ReadyToken): void {
  const standstill = checkBounds(walk, token);
  if (standstill !== undefined) return standStill(walk, token, standstill);
  const node = walk.node(walk.flow(token.flowId).target);
  const isJoin = node.kind === 'parallelGateway' && node.incoming.length > 1;
  if (isJoin && !isComplete(walk, token.scopeKey, node.id, node.incoming)) return undefined;
  const elementKey = enter(walk, node.id, token.scopeKey, isJoin ? node.incoming : [token.flowId]);
  return activate(walk, elementKey, token.hops + 1);
}

/** A join waits until each incoming flow has a token; several on one flow count for as many rounds. */
function isComplete(walk: Walk, scopeKey: Key, gatewayId: string, incoming: readonly string[]): boolean {
  const waiting = walk.context.draft.get('join', joinRow(walk.instanceId, scopeKey, gatewayId))?.waiting ?? {};
  return incoming.every((flowId) => (waiting[flowId] ?? 0) > 0);
}

function checkBounds(walk: Walk, token: ReadyToken): Failure | undefined {
  if (token.hops >= HOPS_WITHOUT_WAIT_MAX) {
    const message = `expected the token to wait somewhere, but it passed ${token.hops} elements without`;
    return new Failure('ENDLESS_LOOP', message);
  }
  const { tokens } = walk.instance;
  if (tokens <= TOKENS_MAX) return undefined;
  return new Failure('TOO_MANY_TOKENS', `expected at most ${TOKENS_MAX} tokens in one instance, found ${tokens}`);
}

function standStill(walk: Walk, token: ReadyToken, failure: Failure): void {
  const { context, instanceId } = walk;
  const tokenKey = putDown(walk, token);
  context.emit({
    kind: 'incident.raised',
    instanceId,
    incidentKey: context.nextKey(),
    elementId: walk.flow(token.flowId).target,
    reason: failure.reason,
    message: failure.message,
    retry: 'token',
    tokenKey,
  });
}

function defer(walk: Walk, tokens: readonly ReadyToken[]): void {
  for (const token of tokens) putDown(walk, token);
  continueLater(walk.context, walk.instanceId);
}

function putDown(walk: Walk, { flowId, scopeKey, hops }: ReadyToken): Key {
  const { context, instanceId } = walk;
  const tokenKey = context.nextKey();
  context.emit({ kind: 'token.deferred', instanceId, tokenKey, flowId, scopeKey, hops });
  return tokenKey;
}

/** Takes up what an earlier step left: tokens put down, or elements still to be closed. */
export function carryOn(walk: Walk): void {
  if (walk.instance.phase === 'ending') return finishEnding(walk);
  let more = false;
  for (const token of collect(walk.context.draft, 'deferred', ofInstance(walk.instanceId))) {
    if (token.incidentKey !== undefined) continue;
    more = walk.ready.length >= HOPS_PER_STEP_MAX;
    if (more) break;
    pickUp(walk, token.tokenKey);
  }
  proceed(walk);
  const left = walk.context.outputs.some((output) => output.kind === 'command' && output.command.kind === 'continue');
  if (more && !left && !walk.isOver) continueLater(walk.context, walk.instanceId);
  return undefined;
}

/** The token is free again. After an incident it starts counting anew. */
export function pickUp(walk: Walk, tokenKey: Key, hops?: number): void {
  const { context, instanceId } = walk;
  const token = context.draft.get('deferred', deferredRow(instanceId, tokenKey));
  if (token === undefined) return;
  context.emit({ kind: 'token.resumed', instanceId, tokenKey });
  walk.ready.push({ flowId: token.flowId, scopeKey: token.scopeKey, hops: hops ?? token.hops });
}
