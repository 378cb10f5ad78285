import type { DeferredRow, Key } from '@millrace/records';
import { HOPS_PER_STEP_MAX, TOKENS_MAX } from '../limits.ts';
import { collect } from '../collect.ts';
import { ofInstance } from '../row-keys.ts';
import { activate } from './activate.ts';
import { closeOn } from './closing.ts';
import { deferChain, goOnUndoing, resumeChains } from './compensation.ts';
import { askCondition, deferConditions, mustDeferConditions, noteConditions, resumeConditions } from './conditions.ts';
import { continueLater } from './continue-later.ts';
import { completeInstance, finishEnding } from './end.ts';
import { enter } from './enter.ts';
import { Failure } from './failure.ts';
import { arriveAtJoin, checkHops, enterWaitingJoin, isJoin, resumeJoins } from './joins.ts';
import { beginIteration, deferLoop, resumeLoops } from './loops.ts';
import { completeScope } from './sub-process.ts';
import { releaseHeld } from './suspend.ts';
import type { ReadyToken, Walk } from './walk.ts';

/**
 * Moves every token that can move until each waits or has ended. Called last by whatever set tokens free.
 * E3. What is left after `HOPS_PER_STEP_MAX` elements is put down in state, and a `continue` command takes it up. `from` is
 * how many elements the instance had passed without waiting when an earlier step was cut.
 */
export function proceed(walk: Walk, from = 0): void {
  const { context } = walk;
  let hops = from;
  while (!walk.isOver) {
    // What a variable's change brings about comes before the next token moves.
    if (conditionComes(walk, hops)) continue;
    const token = walk.take();
    if (token !== undefined) {
      if (context.hops === HOPS_PER_STEP_MAX) {
        defer(walk, token, Math.max(hops, token.hops));
        continue;
      }
      context.hops += 1;
      hops = Math.max(hops, token.hops);
      arrive(walk, token);
      continue;
    }
    // A scope that is over sends a token on, and so does a join: there may be more to move.
    const ended = walk.takeEnded();
    if (ended !== undefined) {
      hops = Math.max(hops, ended.hops);
      completeScope(walk, ended.scopeKey, ended.hops);
      continue;
    }
    const chain = walk.takeChain();
    if (chain !== undefined) {
      if (context.hops === HOPS_PER_STEP_MAX) {
        if (deferChain(walk, chain)) carryOnLater(walk, Math.max(hops, chain.hops));
        continue;
      }
      context.hops += 1;
      hops = Math.max(hops, chain.hops);
      goOnUndoing(walk, chain);
      continue;
    }
    const loop = walk.takeLoop();
    if (loop !== undefined) {
      if (context.hops === HOPS_PER_STEP_MAX) {
        if (deferLoop(walk, loop)) carryOnLater(walk, Math.max(hops, loop.hops));
        continue;
      }
      context.hops += 1;
      hops = Math.max(hops, loop.hops);
      beginIteration(walk, loop);
      continue;
    }
    // CG3. Before the instance ends, its joins are asked in any case.
    if ((walk.goesOnLater && walk.instance.tokens > 0) || !enterWaitingJoin(walk, hops)) break;
  }
  if (!walk.isOver && walk.instance.tokens === 0) completeInstance(walk, hops);
}

function conditionComes(walk: Walk, hops: number): boolean {
  noteConditions(walk);
  if (walk.conditionsDue.size === 0 || walk.instance.isSuspended === true) return false;
  if (!mustDeferConditions(walk)) return askCondition(walk, hops);
  deferConditions(walk);
  carryOnLater(walk, hops);
  return false;
}

function arrive(walk: Walk, { flowId, scopeKey, hops }: ReadyToken): void {
  // What closed the scope after the token was set free has counted the token out.
  if (!walk.isOpen(scopeKey)) return undefined;
  const node = walk.node(walk.flow(flowId).target);
  if (isJoin(node)) {
    // A token at a join waits in the gateway, not on the flow: it is never put down.
    return arriveAtJoin(walk, scopeKey, node, hops);
  }
  const standstill = checkHops(walk, hops) ?? checkTokens(walk, scopeKey);
  if (standstill !== undefined) return standStill(walk, { flowId, scopeKey, hops }, standstill);
  return activate(walk, enter(walk, node.id, scopeKey, [flowId]), hops + 1);
}

/** Of every scope around it too: an event sub-process that begins again and again has one token in each. */
function checkTokens(walk: Walk, scopeKey: Key): Failure | undefined {
  const { tokens, isLoop, outerKey } = walk.scope(scopeKey);
  // What a loop has begun is bounded by its own number.
  if (tokens > TOKENS_MAX && !isLoop) {
    return new Failure('TOO_MANY_TOKENS', `expected at most ${TOKENS_MAX} tokens in one scope, found ${tokens}`);
  }
  return outerKey === undefined ? undefined : checkTokens(walk, outerKey);
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
    ...(token.scopeKey === instanceId ? undefined : { scopeKey: token.scopeKey }),
  });
}

function defer(walk: Walk, token: ReadyToken, hops: number): void {
  if (!walk.isOpen(token.scopeKey)) return;
  if (!isJoin(walk.node(walk.flow(token.flowId).target))) putDown(walk, token);
  carryOnLater(walk, hops);
}

function putDown(walk: Walk, { flowId, scopeKey, hops }: ReadyToken): Key {
  const { context, instanceId } = walk;
  const tokenKey = context.nextKey();
  context.emit({ kind: 'token.deferred', instanceId, tokenKey, flowId, scopeKey, hops });
  return tokenKey;
}

/** Takes up what an earlier step left: tokens put down, or elements still to be closed. */
export function carryOn(walk: Walk, from = 0): void {
  if (walk.instance.phase === 'ending') return finishEnding(walk, from);
  if ((walk.instance.held ?? 0) > 0) releaseHeld(walk);
  let hops = from;
  for (const token of collect(walk.context.draft, 'deferred', ofInstance(walk.instanceId))) {
    if (token.incidentKey !== undefined || !walk.isOpen(token.scopeKey)) continue;
    if (walk.readyCount === HOPS_PER_STEP_MAX) {
      carryOnLater(walk, hops);
      break;
    }
    pickUp(walk, token);
    hops = Math.max(hops, token.hops);
  }
  if (resumeLoops(walk)) carryOnLater(walk, hops);
  resumeConditions(walk);
  resumeChains(walk);
  resumeJoins(walk, hops);
  return proceed(walk, hops);
}

export function carryOnClosing(walk: Walk, scopeKey: Key): void {
  closeOn(walk, scopeKey);
  if (!walk.isOver) proceed(walk);
}

/** One command is enough: it takes up all that is there. */
function carryOnLater(walk: Walk, hops: number): void {
  if (walk.goesOnLater) return;
  walk.goesOnLater = true;
  continueLater(walk.context, walk.instanceId, { hops });
}

/** The token is free again. After an incident it starts counting anew. */
export function pickUp(walk: Walk, token: DeferredRow, hops = token.hops): void {
  const { context, instanceId } = walk;
  const { tokenKey, flowId, scopeKey } = token;
  const scope = scopeKey === instanceId ? undefined : { scopeKey };
  context.emit({ kind: 'token.resumed', instanceId, tokenKey, ...scope });
  walk.push({ flowId, scopeKey, hops });
}
