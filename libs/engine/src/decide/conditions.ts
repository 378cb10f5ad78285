import type { ConditionTrigger, ExecutableProcess } from '@millrace/bpmn';
import type { ConditionWaitRow, Event, Key } from '@millrace/records';
import { assert } from '@millrace/std';
import { collect } from '../collect.ts';
import { CONDITIONS_PER_STEP_MAX } from '../limits.ts';
import { conditionRow, ofInstance, variablesRow } from '../row-keys.ts';
import { isTrue } from './expressions.ts';
import { canOccur, occur } from './occur.ts';
import { surroundingsOfScope } from './surroundings.ts';
import type { Walk } from './walk.ts';

/**
 * Conditional events (BPMN 2.0.2 §10.5.5): each comes when its condition turns true, and is asked when it opens and whenever a
 * variable that it sees has changed. A change that is undone before a token moves is not seen.
 */
export function noteConditions(walk: Walk): void {
  if (!hasConditions(walk.model)) return;
  const { events } = walk.context;
  for (; walk.conditionEventsSeen < events.length; walk.conditionEventsSeen += 1) {
    const at = walk.conditionEventsSeen;
    const event = events[at];
    if (event !== undefined && 'instanceId' in event && event.instanceId === walk.instanceId) note(walk, event, at);
  }
}

function note(walk: Walk, event: Event, at: number): void {
  const { conditionsDue: due } = walk;
  if (event.kind === 'condition.opened') due.add(event.waitKey);
  else if (event.kind === 'instance.resumed') addAll(walk, () => true);
  else if (event.kind === 'variables.changed') {
    const { scopeKey, values } = event;
    addAll(walk, (wait) => isConcerned(walk, wait, { scopeKey, names: Object.keys(values), at }));
  } else if (event.kind === 'variables.removed') {
    const { scopeKey, names } = event;
    addAll(walk, (wait) => isConcerned(walk, wait, { scopeKey, names }));
  }
}

function addAll(walk: Walk, isDue: (wait: ConditionWaitRow) => boolean): void {
  for (const [, wait] of walk.context.draft.range('conditionWait', ofInstance(walk.instanceId))) {
    if (isDue(wait)) walk.conditionsDue.add(wait.waitKey);
  }
}

/** Of variables of a scope. `at`: the place of their change in the decision; one that removes them neither creates nor updates. */
interface Change {
  readonly scopeKey: Key;
  readonly names: readonly string[];
  readonly at?: number;
}

/** Whether the condition sees variables of the scope, and cares for these. */
function isConcerned(
  walk: Walk,
  { elementKey, elementId }: ConditionWaitRow,
  { scopeKey, names: all, at }: Change,
): boolean {
  const { variableNames, variableEvents } = triggerOf(walk, elementId);
  const names = variableNames === undefined ? all : all.filter((name) => variableNames.includes(name));
  if (variableNames !== undefined && names.length === 0) return false;
  if (variableEvents !== undefined) {
    const isWanted = (name: string): boolean =>
      at !== undefined && wasThere(walk, scopeKey, name, at) === (variableEvents === 'update');
    if (!names.some(isWanted)) return false;
  }
  let key = elementKey;
  while (key !== scopeKey) {
    if (key === walk.instanceId) return false;
    key = walk.element(key).scopeKey;
  }
  return true;
}

/** Whether the scope had the variable before the event at this place of the decision. */
function wasThere({ context, instanceId }: Walk, scopeKey: Key, name: string, at: number): boolean {
  const before = context.draft.before('variables', variablesRow(instanceId, scopeKey));
  if (before !== undefined && Object.hasOwn(before.values, name)) return true;
  return context.events.slice(0, at).some((event) => {
    if (event.kind === 'instance.started') return event.instanceId === scopeKey && Object.hasOwn(event.variables, name);
    return event.kind === 'variables.changed' && event.scopeKey === scopeKey && Object.hasOwn(event.values, name);
  });
}

/** Asks one condition that is due, and lets the event come if it has turned true; false when there is none to ask. */
export function askCondition(walk: Walk, hops: number): boolean {
  const { context, instanceId } = walk;
  for (const waitKey of walk.conditionsDue) {
    walk.conditionsDue.delete(waitKey);
    const wait = context.draft.get('conditionWait', conditionRow(instanceId, waitKey));
    if (wait === undefined || !canOccur(walk, wait.elementKey, wait.elementId)) continue;
    walk.conditionsAsked += 1;
    answer(walk, wait, hops);
    return true;
  }
  return false;
}

function answer(walk: Walk, wait: ConditionWaitRow, hops: number): void {
  const { context, instanceId } = walk;
  const { waitKey, elementId, elementKey } = wait;
  const holds = isTrue(triggerOf(walk, elementId).condition, surroundingsOfScope(walk, elementKey));
  if (holds === wait.holds) return;
  const found = { waitKey, instanceId, elementId, elementKey };
  if (!holds) return context.emit({ kind: 'condition.changed', ...found, holds });
  context.emit({ kind: 'condition.triggered', ...found });
  return occur(walk, elementKey, elementId, {}, hops);
}

/** E3. What this step may not ask any more. */
export function mustDeferConditions(walk: Walk): boolean {
  return walk.conditionsAsked >= CONDITIONS_PER_STEP_MAX && walk.conditionsDue.size > 0;
}

/** The next step asks from the first of them on, whether it is concerned or not: keeping a list would cost more. */
export function deferConditions(walk: Walk): void {
  const { context, instanceId, instance } = walk;
  const all = instance.conditionsFrom === undefined ? [] : [instance.conditionsFrom];
  const from = [...walk.conditionsDue, ...all].reduce((first, key) => (key < first ? key : first));
  walk.conditionsDue.clear();
  if (from !== instance.conditionsFrom) context.emit({ kind: 'conditions.deferred', instanceId, from });
}

export function resumeConditions(walk: Walk): void {
  const { context, instanceId } = walk;
  const { conditionsFrom } = walk.instance;
  if (conditionsFrom === undefined) return;
  context.emit({ kind: 'conditions.resumed', instanceId });
  for (const { waitKey } of collect(context.draft, 'conditionWait', ofInstance(instanceId))) {
    if (waitKey >= conditionsFrom) walk.conditionsDue.add(waitKey);
  }
}

function triggerOf(walk: Walk, elementId: string): ConditionTrigger {
  const node = walk.node(elementId);
  const trigger = 'trigger' in node ? node.trigger : undefined;
  assert(trigger?.kind === 'condition', `expected ${elementId} to wait for a condition`);
  return trigger;
}

/** A model is frozen (M1): what is known of it stays true. */
const known = new WeakMap<ExecutableProcess, boolean>();

function hasConditions(model: ExecutableProcess): boolean {
  let has = known.get(model);
  if (has === undefined) {
    has = Object.values(model.elements).some((node) => 'trigger' in node && node.trigger.kind === 'condition');
    known.set(model, has);
  }
  return has;
}
