import type { AdHocSubProcess } from '@millrace/bpmn';
import type { CommandOf, ElementRow, Key } from '@millrace/records';
import { activate } from './activate.ts';
import { carryOut } from './attached.ts';
import { closeScope } from './closing.ts';
import { type Context, type Refusal, refuse } from './context.ts';
import { enter } from './enter.ts';
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
import { nodeOf } from '../model-lookup.ts';

/** An ad-hoc sub-process begins with the elements that its collection names (BPMN 2.0.2 §10.3.5.2); with none it waits for a command. */
export function openAdHoc(
  walk: Walk,
  element: ElementRow,
  node: AdHocSubProcess,
  hops: number,
  openBoundary: () => void,
): Failure | undefined {
  const ids =
    node.activeElements && evaluateList(node.activeElements, surroundings(walk, element), 'the active elements');
  if (ids instanceof Failure) return ids;
  const unfit = ids?.find((id) => !canBegin(walk, node, id));
  if (unfit !== undefined) return new Failure('EXPRESSION_FAILED', whyUnfit(node, unfit));
  const plan = planEventSubProcesses(walk, element.elementKey);
  if (plan instanceof Failure) return plan;
  openBoundary();
  carryOut(plan);
  beginAll(walk, element.elementKey, (ids ?? []) as readonly string[], hops);
  return undefined;
}

const eventDriven: ReadonlySet<string> = new Set(['boundaryEvent', 'eventSubProcess', 'eventPart']);

/** What nothing leads to, and no event starts. */
function canBegin({ model }: Walk, { id: scope }: AdHocSubProcess, id: unknown): boolean {
  const node = typeof id === 'string' ? nodeOf(model, id) : undefined;
  if (node?.scope !== scope || node.incoming.length > 0 || node.isForCompensation === true) return false;
  return !eventDriven.has(node.kind);
}

function whyUnfit({ id }: AdHocSubProcess, found: unknown): string {
  return `expected an element of "${id}" that no sequence flow leads to, found ${JSON.stringify(found)}`;
}

/** The first may end the sub-process, or the instance: what is left then does not begin. */
function beginAll(walk: Walk, scopeKey: Key, ids: readonly string[], hops: number): void {
  const keys = ids.map((id) => enter(walk, id, scopeKey, []));
  for (const key of keys) if (!walk.isOver && walk.isOpen(scopeKey)) activate(walk, key, hops + 1);
}

export function activateElements(context: Context, command: CommandOf<'activateElements'>): Refusal | undefined {
  const { instanceId, elementKey, elementIds, variables = {} } = command;
  return onElement(context, instanceId, elementKey, (walk, element) => {
    const node = isProcess(element) ? undefined : walk.node(element.elementId);
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
    beginAll(walk, elementKey, elementIds, 0);
    return undefined;
  });
}

/** A token in it has ended: whether it is over is its condition's to say, or that nothing runs in it. */
export function completeAdHoc(walk: Walk, element: ElementRow, node: AdHocSubProcess, hops: number): void {
  const { elementKey, tokens = 0 } = element;
  const { completionCondition, cancelsRemaining } = node;
  if (completionCondition !== undefined) {
    const holds = evaluateCondition(completionCondition, surroundings(walk, element), `"${node.id}"`);
    if (holds instanceof Failure) return raiseIncident(walk, element, holds, 'leave');
    if (!holds) return;
    if (tokens > 0 && cancelsRemaining) return closeScope(walk, elementKey, { kind: 'complete', hops });
  }
  if (tokens === 0) leave(walk, elementKey, {}, hops);
}
