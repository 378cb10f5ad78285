import type { ActivateInstruction, CommandOf, ElementRow, Key, TerminateInstruction } from '@millrace/records';
import { collect } from '../collect.ts';
import { OPERATED_ELEMENTS_MAX } from '../limits.ts';
import { elementRow, ofInstance } from '../row-keys.ts';
import { activate } from './activate.ts';
import { isInner } from './ad-hoc-begin.ts';
import { callerOf } from './caller.ts';
import { closeScope } from './closing.ts';
import { type Context, type Refusal, refuse } from './context.ts';
import { enter } from './enter.ts';
import { goesOnWhileClosing, isProcess } from './listeners.ts';
import { onInstance } from './on-instance.ts';
import { checkSize, setVariables } from './scopes.ts';
import type { Walk } from './walk.ts';
import { nodeOf } from '../model-lookup.ts';

/**
 * An operator puts tokens where they should be, and takes away those that should not be. All of it or nothing: a refusal
 * leaves the instance as it was.
 *
 * New tokens come first, so that an instance whose only token is moved does not end in between.
 */
export function modifyInstance(context: Context, command: CommandOf<'modifyInstance'>): Refusal | undefined {
  const { instanceId, activate: activations, terminate, variables } = command;
  if (activations.length === 0 && terminate.length === 0) {
    return refuse('INVALID_ARGUMENT', 'expected something to activate or to terminate');
  }
  return onInstance(context, instanceId, (walk) => {
    const elements = operableElements(walk);
    if (!Array.isArray(elements)) return elements;
    if (activations.length > 0 && elements.some((row) => isProcess(row) && goesOnWhileClosing(row))) {
      return refuse('INVALID_STATE', `instance ${instanceId} is over but for its listeners: nothing begins in it`);
    }
    const ending = selectTerminated(elements, terminate);
    if (!Array.isArray(ending)) return ending;
    const caller = callerOf(walk);
    if (caller !== undefined && activations.length === 0 && isLast(walk, elements, new Set(ending))) {
      const who = `the instance ${caller.walk.instanceId}, which called it,`;
      return refuse('INVALID_STATE', `expected ${who} to be modified: nothing would be left in ${instanceId} to do`);
    }
    context.emit({ kind: 'instance.modified', instanceId, activate: activations, terminate });
    const refusal = setLocal(walk, instanceId, variables) ?? activateAll(walk, activations);
    if (refusal !== undefined) return refusal;
    for (const elementKey of ending) terminateAt(walk, elementKey);
    return undefined;
  });
}

/** E3. What an operation that looks at every element of an instance may look at. */
export function operableElements({ context, instanceId }: Walk): ElementRow[] | Refusal {
  const rows = collect(context.draft, 'element', { ...ofInstance(instanceId), limit: OPERATED_ELEMENTS_MAX + 1 });
  if (rows.length <= OPERATED_ELEMENTS_MAX) return rows;
  return refuse('LIMIT_REACHED', `expected an instance of at most ${OPERATED_ELEMENTS_MAX} tokens`);
}

function selectTerminated(elements: readonly ElementRow[], wanted: readonly TerminateInstruction[]): Key[] | Refusal {
  const keys = new Set<Key>();
  for (const { elementKey, elementId } of wanted) {
    const found = elements.filter((row) => row.elementKey === elementKey || row.elementId === elementId);
    if (found.length === 0) {
      const what = elementKey === undefined ? `a token at "${elementId ?? ''}"` : `the token ${elementKey}`;
      return refuse('NOT_FOUND', `expected the instance to have ${what}`);
    }
    for (const row of found) keys.add(row.elementKey);
  }
  return [...keys];
}

/** Whether the instance has nothing left without them, and without the scopes that have nothing left then. */
function isLast(walk: Walk, elements: readonly ElementRow[], ending: ReadonlySet<Key>): boolean {
  const inside = Map.groupBy(elements, ({ scopeKey }) => scopeKey);
  const goes = (row: ElementRow): boolean =>
    ending.has(row.elementKey) || (row.loop === undefined && inside.has(row.elementKey) && isEmptied(row.elementKey));
  const isEmptied = (scopeKey: Key): boolean => {
    const going = (inside.get(scopeKey) ?? []).filter(goes).length;
    return going > 0 && walk.scope(scopeKey).tokens === going;
  };
  return isEmptied(walk.instanceId);
}

function setLocal(walk: Walk, scopeKey: Key, values: Readonly<Record<string, unknown>> = {}): Refusal | undefined {
  if (Object.keys(values).length === 0) return undefined;
  const changes = [{ scopeKey, values }];
  const tooLarge = checkSize(walk.context.draft, walk.instanceId, changes);
  if (tooLarge !== undefined) return refuse('TOO_LARGE', tooLarge.message);
  setVariables(walk.context, walk.instanceId, changes);
  return undefined;
}

function activateAll(walk: Walk, activations: readonly ActivateInstruction[]): Refusal | undefined {
  for (const instruction of activations) {
    if (walk.isOver) return undefined;
    const refusal = activateAt(walk, instruction);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** Elements that only an event brings about: entered by hand, nothing would have happened that they are the effect of. */
const eventDriven: ReadonlySet<string> = new Set(['startEvent', 'boundaryEvent', 'eventSubProcess', 'eventPart']);

function activateAt(walk: Walk, { elementId, scopeKey, variables }: ActivateInstruction): Refusal | undefined {
  const node = nodeOf(walk.model, elementId);
  if (node === undefined) {
    return refuse('INVALID_ARGUMENT', `expected an element of the process "${walk.model.id}", found "${elementId}"`);
  }
  if (eventDriven.has(node.kind) || node.actionOf !== undefined) {
    return refuse(
      'INVALID_ARGUMENT',
      `expected an element that a token can be put into, found ${node.kind} "${elementId}"`,
    );
  }
  const scope = scopeFor(walk, node.scope, scopeKey);
  if (typeof scope !== 'string') return scope;
  const elementKey = enter(walk, elementId, scope, []);
  const refusal = setLocal(walk, elementKey, variables);
  if (refusal === undefined) activate(walk, elementKey, 1);
  return refusal;
}

/** The running scope that the element belongs to; those that do not run are opened, without their own first token. */
function scopeFor(walk: Walk, scopeId: string | undefined, wanted: Key | undefined): Key | Refusal {
  if (scopeId === undefined) return walk.instanceId;
  const running = runningScopes(walk, scopeId).filter(({ elementKey }) => isWithin(walk, elementKey, wanted));
  if (running.some(({ listening }) => listening !== undefined)) {
    return refuse('INVALID_STATE', `expected "${scopeId}" to be open, but its listeners have not answered yet`);
  }
  const [only, another] = running;
  if (only !== undefined && another === undefined) return only.elementKey;
  if (only !== undefined) {
    return refuse(
      'INVALID_ARGUMENT',
      `expected the token of one of the ${running.length} running "${scopeId}" to be named`,
    );
  }
  return openScope(walk, scopeId, wanted);
}

function runningScopes(walk: Walk, scopeId: string): ElementRow[] {
  const rows = collect(walk.context.draft, 'element', ofInstance(walk.instanceId));
  return rows.filter(
    (row) => row.elementId === scopeId && row.loop === undefined && !isInner(row) && walk.isOpen(row.elementKey),
  );
}

function isWithin(walk: Walk, elementKey: Key, ancestor: Key | undefined): boolean {
  if (ancestor === undefined || elementKey === ancestor) return true;
  if (elementKey === walk.instanceId) return false;
  return isWithin(walk, walk.element(elementKey).scopeKey, ancestor);
}

function openScope(walk: Walk, scopeId: string, wanted: Key | undefined): Key | Refusal {
  const node = walk.node(scopeId);
  if (eventDriven.has(node.kind) || 'loop' in node) {
    return refuse('INVALID_ARGUMENT', `expected "${scopeId}" to run already: it cannot be entered by hand`);
  }
  const outer = scopeFor(walk, node.scope, wanted);
  if (typeof outer !== 'string') return outer;
  const scopeKey = enter(walk, scopeId, outer, []);
  walk.opensEmpty.add(scopeKey);
  activate(walk, scopeKey, 1);
  if (walk.element(scopeKey).incidentKey === undefined) return scopeKey;
  const message = walk.context.events.findLast((event) => event.kind === 'incident.raised')?.message ?? '';
  return refuse('INVALID_STATE', `the sub-process "${scopeId}" could not be entered: ${message}`);
}

function terminateAt(walk: Walk, elementKey: Key): void {
  // One that another's end has taken with it is gone.
  const element = walk.context.draft.get('element', elementRow(walk.instanceId, elementKey));
  if (walk.isOver || element === undefined || !walk.isOpen(element.scopeKey) || element.closing !== undefined) return;
  closeScope(walk, elementKey, { kind: 'terminate', hops: 0 });
}
