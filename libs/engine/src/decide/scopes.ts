import type { ElementRow, InstanceId, Key, Variables } from '@millrace/records';
import { elementOf, instanceOf } from '../apply/rows.ts';
import { entrySize } from '../json-size.ts';
import { VARIABLES_BYTES_MAX } from '../limits.ts';
import { variablesRow } from '../row-keys.ts';
import type { View } from '../view.ts';
import { isInner } from './ad-hoc-begin.ts';
import type { Context } from './context.ts';
import { Failure } from './failure.ts';
import { iterationNames, iterationVariables } from './iterations.ts';

/** Variables of scopes, as Zeebe keeps them: an element sees its own, then those of the scopes around it. */

const none: Variables = {};

function localVariables(view: View, instanceId: InstanceId, scopeKey: Key): Variables {
  return view.get('variables', variablesRow(instanceId, scopeKey))?.values ?? none;
}

/** All that is visible at an element (or at the instance, by its id). Not a copy where one scope has them all. */
export function visibleVariables(view: View, instanceId: InstanceId, scopeKey: Key): Variables {
  if (scopeKey === instanceId) return localVariables(view, instanceId, instanceId);
  const element = elementOf(view, instanceId, scopeKey);
  const outer = outerVariables(view, element);
  if (element.hasVariables !== true) return outer;
  return { ...outer, ...localVariables(view, instanceId, scopeKey) };
}

/** What an element sees but for what was made its own: that of the scope around it, and an iteration's item and number. */
export function outerVariables(view: View, element: ElementRow): Variables {
  const outer = visibleVariables(view, element.instanceId, element.scopeKey);
  return element.loopCounter === undefined ? outer : { ...outer, ...iterationVariables(view, element) };
}

/** What an element has for itself. */
export function ownVariables(view: View, element: ElementRow): Variables {
  const { instanceId, elementKey } = element;
  return { ...iterationVariables(view, element), ...localVariables(view, instanceId, elementKey) };
}

/** What a plugin gets: the inputs that the model maps, or everything visible when it maps none. */
export function inputVariables(view: View, element: ElementRow, hasInputs: boolean): Variables {
  const { instanceId, elementKey } = element;
  return hasInputs ? localVariables(view, instanceId, elementKey) : visibleVariables(view, instanceId, elementKey);
}

/** What the scopes around an element have, and it itself, without the instance; outermost first, those that have nothing left out. */
export function localScopes(view: View, element: ElementRow): ScopeChange[] {
  const { instanceId, elementKey: scopeKey } = element;
  const outer = element.scopeKey === instanceId ? [] : localScopes(view, elementOf(view, instanceId, element.scopeKey));
  const values = ownVariables(view, element);
  return Object.keys(values).length === 0 ? outer : [...outer, { scopeKey, values }];
}

export interface ScopeChange {
  readonly scopeKey: Key;
  readonly values: Variables;
}

/** Each variable goes to the nearest scope, from `scopeKey` outwards, that has it already; otherwise to the instance. */
export function propagate(view: View, instanceId: InstanceId, scopeKey: Key, values: Variables): ScopeChange[] {
  if (scopeKey === instanceId) return [{ scopeKey, values }];
  const element = elementOf(view, instanceId, scopeKey);
  // AH1.
  if (isInner(element)) return [{ scopeKey, values }];
  const own = iterationNames(view, element);
  if (element.hasVariables !== true && own.length === 0) return propagate(view, instanceId, element.scopeKey, values);
  const local = localVariables(view, instanceId, scopeKey);
  const isKnown = (name: string): boolean => Object.hasOwn(local, name) || own.includes(name);
  const [here, outside] = [true, false].map((isLocal) =>
    Object.fromEntries(Object.entries(values).filter(([name]) => isKnown(name) === isLocal)),
  ) as [Variables, Variables];
  const changes = Object.keys(here).length > 0 ? [{ scopeKey, values: here }] : [];
  if (Object.keys(outside).length === 0) return changes;
  return [...changes, ...propagate(view, instanceId, element.scopeKey, outside)];
}

/** Changes all or nothing: beyond the maximum nothing is set. */
export function setVariables(
  context: Context,
  instanceId: InstanceId,
  changes: readonly ScopeChange[],
): Failure | undefined {
  const failure = checkSize(context.draft, instanceId, changes);
  if (failure !== undefined) return failure;
  for (const { scopeKey, values } of changes) {
    const grown = growth(context.draft, instanceId, { scopeKey, values });
    const variableBytes = instanceOf(context.draft, instanceId).variableBytes + grown;
    context.emit({ kind: 'variables.changed', instanceId, scopeKey, values, variableBytes });
  }
  return undefined;
}

export function checkSize(view: View, instanceId: InstanceId, changes: readonly ScopeChange[]): Failure | undefined {
  let bytes = instanceOf(view, instanceId).variableBytes;
  for (const change of changes) bytes += growth(view, instanceId, change);
  if (bytes <= VARIABLES_BYTES_MAX) return undefined;
  return new Failure(
    'VARIABLES_TOO_LARGE',
    `expected the variables of an instance to take at most ${VARIABLES_BYTES_MAX} bytes as JSON, found ${bytes}`,
  );
}

/** Size of all variables of the instance when the scope has these no more. */
export function sizeWithout(view: View, instanceId: InstanceId, scopeKey: Key, names: readonly string[]): number {
  const local = localVariables(view, instanceId, scopeKey);
  const gone = names.reduce((bytes, name) => bytes + entrySize(name, local[name]), 0);
  return instanceOf(view, instanceId).variableBytes - gone;
}

function growth(view: View, instanceId: InstanceId, { scopeKey, values }: ScopeChange): number {
  const before = localVariables(view, instanceId, scopeKey);
  let bytes = 0;
  for (const [name, value] of Object.entries(values)) {
    bytes += entrySize(name, value);
    if (Object.hasOwn(before, name)) bytes -= entrySize(name, before[name]);
  }
  return bytes;
}
