import type { AdHocSubProcess, JobAction } from '@millrace/bpmn';
import type { AdHocResult, CommandOf, ElementRow, Key } from '@millrace/records';
import { beginAll, beginNext, canBegin, clearQueue, whyUnfit } from './ad-hoc-begin.ts';
import { cancelJob, ofElement } from './close.ts';
import { closeScope } from './closing.ts';
import { Failure } from './failure.ts';
import { dropIncident, raiseIncident } from './incidents.ts';
import { createJob } from './job-create.ts';
import { leave } from './leave.ts';
import { type ScopeChange, setVariables } from './scopes.ts';
import type { Walk } from './walk.ts';

/**
 * An ad-hoc sub-process that a job directs, as in Zeebe: offered when the sub-process begins, and anew whenever something in it is over. There
 * is one at a time; an answer to an older one finds none. It says what begins, with variables of its own, or that nothing does any more.
 */
export function openJob(
  walk: Walk,
  element: ElementRow,
  node: AdHocSubProcess,
  job: JobAction,
  open: () => void,
): Failure | undefined {
  const values = { adHocSubProcessElements: node.choices ?? [] };
  const failure = setVariables(walk.context, walk.instanceId, [{ scopeKey: element.elementKey, values }]);
  return failure ?? createJob(walk, element, job, open);
}

/** Something in it is over. */
export function askAgain(walk: Walk, element: ElementRow, job: JobAction, hops: number): void {
  const { elementKey, tokens = 0, isFulfilled } = element;
  if (isFulfilled === true) return tokens > 0 ? undefined : leave(walk, elementKey, {}, hops);
  beginNext(walk, elementKey, hops);
  if (walk.isOver || !walk.isOpen(elementKey)) return undefined;
  const now = walk.element(elementKey);
  if (now.incidentKey !== undefined) dropIncident(walk, now);
  if (now.jobKey !== undefined) cancelJob(walk, now, now.jobKey);
  const failure = createJob(walk, walk.element(elementKey), job, () => undefined);
  if (failure !== undefined) raiseIncident(walk, now, failure, 'leave');
  return undefined;
}

/** What is wrong with what the job says; undefined when it can be done. */
export function whyInvalid(walk: Walk, node: AdHocSubProcess, adHoc: AdHocResult = {}): Failure | undefined {
  const { activateElements = [], isCompletionConditionFulfilled, isCancelRemainingInstances } = adHoc;
  const invalid = (message: string): Failure => new Failure('JOB_RESULT_INVALID', message);
  if (isCompletionConditionFulfilled === true && activateElements.length > 0) {
    return invalid(`expected the job of "${node.id}" to begin elements, or to say that it is fulfilled, found both`);
  }
  if (isCompletionConditionFulfilled !== true && isCancelRemainingInstances === true) {
    return invalid(`expected the job of "${node.id}" to end what runs only when it says that it is fulfilled`);
  }
  const unfit = activateElements.find(({ elementId }) => !canBegin(walk, node, elementId));
  return unfit === undefined ? undefined : invalid(whyUnfit(node, unfit.elementId));
}

/** Where the variables of the answer go. */
export function answerChanges(elementKey: Key, { variables, adHoc }: CommandOf<'completeJob'>): ScopeChange[] {
  const own = (adHoc?.activateElements ?? []).map((beginning) => beginning.variables ?? {});
  return [variables, ...own].map((values) => ({ scopeKey: elementKey, values }));
}

/** The job has been answered. */
export function followJob(walk: Walk, element: ElementRow, { variables, adHoc = {} }: CommandOf<'completeJob'>): void {
  const { elementKey } = element;
  const { context, instanceId } = walk;
  if (element.incidentKey !== undefined) dropIncident(walk, element);
  if (Object.keys(variables).length > 0)
    setVariables(context, instanceId, [{ scopeKey: elementKey, values: variables }]);
  if (adHoc.isCompletionConditionFulfilled !== true) return beginAll(walk, elementKey, adHoc.activateElements ?? [], 0);
  context.emit({ kind: 'adHoc.fulfilled', ...ofElement(element) });
  clearQueue(walk, walk.element(elementKey));
  if ((walk.element(elementKey).tokens ?? 0) === 0) return leave(walk, elementKey, {}, 0);
  if (adHoc.isCancelRemainingInstances === true) closeScope(walk, elementKey, { kind: 'complete', hops: 0 });
  return undefined;
}
