import type { AdHocSubProcess } from '@millrace/bpmn';
import type { CommandOf, ElementRow } from '@millrace/records';
import { AD_HOC_QUEUE_MAX } from '../limits.ts';
import { beginAll, beginNext, canBegin, clearQueue, isInner, whyUnfit } from './ad-hoc-begin.ts';
import { askAgain, openJob } from './ad-hoc-job.ts';
import { carryOut } from './attached.ts';
import { closeScope } from './closing.ts';
import { type Context, type Refusal, refuse } from './context.ts';
import { planEventSubProcesses } from './event-sub-process.ts';
import { evaluateCondition, evaluateList } from './expressions.ts';
import { Failure } from './failure.ts';
import { raiseIncident } from './incidents.ts';
import { isProcess } from './listeners.ts';
import { leave } from './leave.ts';
import { onElement } from './on-instance.ts';
import { checkSize, setVariables } from './scopes.ts';
import { surroundings } from './surroundings.ts';
import type { Walk } from './walk.ts';

/** An ad-hoc sub-process begins with the elements that its collection names (BPMN 2.0.2 §10.3.5.2); with none it waits for a command. */
export function openAdHoc(
  walk: Walk,
  element: ElementRow,
  node: AdHocSubProcess,
  hops: number,
  openBoundary: () => void,
): Failure | undefined {
  const { elementKey } = element;
  const ids =
    node.activeElements && evaluateList(node.activeElements, surroundings(walk, element), 'the active elements');
  if (ids instanceof Failure) return ids;
  const unfit = ids?.find((id) => !canBegin(walk, node, id));
  if (unfit !== undefined) return new Failure('EXPRESSION_FAILED', whyUnfit(node, unfit));
  const plan = planEventSubProcesses(walk, element.elementKey);
  if (plan instanceof Failure) return plan;
  const open = (): void => {
    openBoundary();
    carryOut(plan);
  };
  if (node.job !== undefined) return openJob(walk, element, node, node.job, open);
  open();
  const beginnings = ((ids ?? []) as readonly string[]).map((elementId) => ({ elementId }));
  beginAll(walk, elementKey, beginnings, hops);
  return undefined;
}

export function activateElements(context: Context, command: CommandOf<'activateElements'>): Refusal | undefined {
  const { instanceId, elementKey, elementIds, variables = {} } = command;
  return onElement(context, instanceId, elementKey, (walk, element) => {
    const node = isProcess(element) || isInner(element) ? undefined : walk.node(element.elementId);
    if (node?.kind !== 'adHocSubProcess' || element.closing !== undefined || element.loop !== undefined) {
      return refuse('INVALID_STATE', `expected the token ${elementKey} to be in an ad-hoc sub-process that runs`);
    }
    if (element.listening !== undefined) {
      return refuse('INVALID_STATE', `expected "${node.id}" to be open, but its listeners have not answered yet`);
    }
    // One whose beginning has failed does not run yet.
    if (element.incidentKey !== undefined && context.draft.get('incident', element.incidentKey)?.retry === 'enter') {
      return refuse('INVALID_STATE', `expected "${node.id}" to run, but it has an incident`);
    }
    if (elementIds.length === 0) return refuse('INVALID_ARGUMENT', 'expected an element to activate');
    const unfit = elementIds.find((id) => !canBegin(walk, node, id));
    if (unfit !== undefined) return refuse('INVALID_ARGUMENT', whyUnfit(node, unfit));
    if (Object.keys(variables).length > 0) {
      const changes = [{ scopeKey: elementKey, values: variables }];
      const tooLarge = checkSize(context.draft, instanceId, changes);
      if (tooLarge !== undefined) return refuse('TOO_LARGE', tooLarge.message);
      setVariables(context, instanceId, changes);
    }
    if (element.isFulfilled === true) return refuse('INVALID_STATE', `"${node.id}" begins nothing any more`);
    const queued = (element.queued?.length ?? 0) + elementIds.length;
    if (node.isSequential === true && queued > AD_HOC_QUEUE_MAX) {
      return refuse('LIMIT_REACHED', `expected at most ${AD_HOC_QUEUE_MAX} elements to wait for their turn`);
    }
    beginAll(
      walk,
      elementKey,
      elementIds.map((elementId) => ({ elementId })),
      0,
    );
    return undefined;
  });
}

/** A token in it has ended: whether it is over is its condition's or its job's to say, or that nothing runs in it. */
export function completeAdHoc(walk: Walk, element: ElementRow, node: AdHocSubProcess, hops: number): void {
  const { elementKey, tokens = 0, queued } = element;
  const { completionCondition, cancelsRemaining, job } = node;
  if (job !== undefined) return askAgain(walk, element, job, hops);
  if (completionCondition !== undefined) {
    const holds = evaluateCondition(completionCondition, surroundings(walk, element), `"${node.id}"`);
    if (holds instanceof Failure) return raiseIncident(walk, element, holds, 'leave');
    if (!holds) return beginNext(walk, elementKey, hops);
    clearQueue(walk, element);
    if (tokens > 0 && cancelsRemaining) return closeScope(walk, elementKey, { kind: 'complete', hops });
  } else if (queued !== undefined) return beginNext(walk, elementKey, hops);
  if (tokens === 0) leave(walk, elementKey, {}, hops);
}
