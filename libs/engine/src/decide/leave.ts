import type { FlowNode } from '@millrace/bpmn';
import type { ElementRow, Key, Variables } from '@millrace/records';
import { noteExecuted, staysForActions } from './actions.ts';
import { isInner, passCollection } from './ad-hoc-begin.ts';
import { leaveUndoing, openCompensation } from './compensation.ts';
import { closeWaiting, ofElement } from './close.ts';
import { endReset, forgetPhases } from './complex-gateway.ts';
import { Failure } from './failure.ts';
import { selectFlows } from './flows.ts';
import { raiseIncident } from './incidents.ts';
import { isJoin, makeReady } from './joins.ts';
import { listen } from './listeners.ts';
import { leaveIteration, mergeOutputs } from './loops.ts';
import { mapOutputs, takeResult } from './mappings.ts';
import { notePassed } from './progress.ts';
import type { Walk } from './walk.ts';

/** The element has done its work: takes the result in, maps it, closes what still waits, and sends the token on. */
export function leave(walk: Walk, elementKey: Key, result: Variables, hops: number): void {
  const element = walk.element(elementKey);
  // What it stands for has mapped its outputs and sent its token on long ago.
  if (element.restores !== undefined) return leaveUndoing(walk, element, hops);
  const node = walk.node(element.elementId);
  const isOne = node.actions !== undefined && element.loop === undefined;
  if (isOne && staysForActions(walk, element, node, result, hops)) return undefined;
  const { outputs, listeners } = node;
  const failure =
    element.loop === undefined
      ? (takeResult(walk, element, outputs.length > 0, result) ??
        passCollection(walk, element) ??
        mapOutputs(walk, walk.element(elementKey), outputs))
      : mergeOutputs(walk, element);
  // The result is kept inside by now, so that trying again needs nothing but better variables.
  if (failure !== undefined) return raiseIncident(walk, element, failure, 'leave');
  if (listeners?.end === undefined || element.loop !== undefined) return goOnLeaving(walk, element, node, hops);
  // What it waited for is over; only what is around it can end it now.
  closeWaiting(walk, elementKey);
  return listen(walk, walk.element(elementKey), { on: 'end' });
}

/** The outputs are mapped, and listeners have answered. */
export function goOnLeaving(walk: Walk, element: ElementRow, node: FlowNode, hops: number): void {
  const { elementKey } = element;
  if (element.loopCounter !== undefined) return leaveIteration(walk, walk.element(elementKey), hops);
  if (element.compensation !== undefined) return leaveUndoing(walk, walk.element(elementKey), hops);
  const flowIds = selectFlows(walk, element);
  if (flowIds instanceof Failure) return raiseIncident(walk, element, flowIds, 'leave');
  complete(walk, elementKey);
  if (node.actionOf !== undefined) noteExecuted(walk, element, hops);
  else if (flowIds.length === 0) walk.noteEnd(element.scopeKey, hops);
  for (const flowId of flowIds) {
    takeFlow(walk, element, flowId);
    makeReady(walk, { flowId, scopeKey: element.scopeKey, hops });
  }
  return undefined;
}

export function complete(walk: Walk, elementKey: Key): void {
  openCompensation(walk, walk.element(elementKey));
  closeWaiting(walk, elementKey);
  const element = walk.element(elementKey);
  const { elementKind, scopeKey } = element;
  if (element.tokens !== undefined) forgetPhases(walk, elementKey);
  walk.context.emit({ kind: 'element.completed', ...ofElement(element), elementKind, scopeKey });
  endReset(walk, element);
  const node = walk.node(element.elementId);
  const canPass = (node.milestone !== undefined || node.back !== undefined) && !isInner(element);
  if (canPass) notePassed(walk, element, node);
}

/** A token is on the flow now; who moves it on is the caller's. */
export function takeFlow(walk: Walk, { scopeKey }: ElementRow, flowId: string): void {
  const { source, target } = walk.flow(flowId);
  const node = walk.node(target);
  walk.context.emit({
    kind: 'flow.taken',
    instanceId: walk.instanceId,
    flowId,
    scopeKey,
    from: source,
    to: target,
    ...(isJoin(node) ? { joins: true } : undefined),
    ...(isJoin(node) && node.kind !== 'parallelGateway' ? { toKind: node.kind } : undefined),
  });
}
