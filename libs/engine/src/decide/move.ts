import type { Key } from '@millrace/records';
import { HOPS_PER_STEP_MAX, TOKENS_MAX } from '../limits.ts';
import { collect } from '../collect.ts';
import { deferredRow, ofInstance } from '../row-keys.ts';
import { activate } from './activate.ts';
import { continueLater } from './continue-later.ts';
import { endInstance, finishEnding } from './end.ts';
import { enter } from './enter.ts';
import { Failure } from './failure.ts';
import { activateJoin, checkHops, enterInclusiveJoin, isComplete, isJoin, resumeJoins } from './joins.ts';
import type { ReadyToken, Walk } from './walk.ts';

/**
 * Moves every token that can move until each waits or has ended. Called last by whatever set tokens free.
 * E3. What is left after `HOPS_PER_STEP_MAX` elements is put down in state, and a `continue` command takes it up.
 */
export function proceed(walk: Walk): void {
  let spent = 0;
  let hops = 0;
  do {
    // `ready` grows while we go through it.
    for (let at = 0; at < walk.ready.length && !walk.isOver; at += 1) {
      const token = walk.ready[at] as ReadyToken;
      if (spent >= HOPS_PER_STEP_MAX) {
        defer(walk, walk.ready.slice(at));
        walk.ready.length = 0;
        return;
      }
      spent += 1;
      hops = Math.max(hops, token.hops);
      arrive(walk, token);
    }
    walk.ready.length = 0;
  } while (!walk.isOver && enterInclusiveJoin(walk, hops));
  if (!walk.isOver && walk.instance.tokens === 0) endInstance(walk, 'completed');
}

function arrive(walk: Walk, { flowId, scopeKey, hops }: ReadyToken): void {
  const node = walk.node(walk.flow(flowId).target);
  if (isJoin(node)) {
    // A token at a join waits in the gateway, not on the flow: it is never put down.
    if (!isComplete(walk, scopeKey, node)) return undefined;
    return activateJoin(walk, enter(walk, node.id, scopeKey, node.incoming), hops);
  }
  const standstill = checkHops(hops) ?? checkTokens(walk);
  if (standstill !== undefined) return standStill(walk, { flowId, scopeKey, hops }, standstill);
  return activate(walk, enter(walk, node.id, scopeKey, [flowId]), hops + 1);
}

function checkTokens(walk: Walk): Failure | undefined {
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
  for (const token of tokens) if (!isJoin(walk.node(walk.flow(token.flowId).target))) putDown(walk, token);
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
  let hops = 0;
  for (const token of collect(walk.context.draft, 'deferred', ofInstance(walk.instanceId))) {
    if (token.incidentKey !== undefined) continue;
    more = walk.ready.length >= HOPS_PER_STEP_MAX;
    if (more) break;
    pickUp(walk, token.tokenKey);
    hops = Math.max(hops, token.hops);
  }
  resumeJoins(walk, hops);
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
