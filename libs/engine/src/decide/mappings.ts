import type { Mapping } from '@millrace/bpmn';
import type { ElementRow, Variables } from '@millrace/records';
import { type Surroundings, evaluateAny } from './expressions.ts';
import { Failure } from './failure.ts';
import { outerVariables, propagate, setVariables, visibleVariables } from './scopes.ts';
import type { Walk } from './walk.ts';

/** Inputs become variables of the element's own scope. */
export function mapInputs(walk: Walk, element: ElementRow, inputs: readonly Mapping[]): Failure | undefined {
  if (inputs.length === 0) return undefined;
  const { draft } = walk.context;
  // From outside: on a second try, what the first one mapped must not be read as if the process had said it.
  const outer = outerVariables(draft, element);
  const values = evaluateMappings(walk, inputs, outer, {});
  if (values instanceof Failure) return values;
  return setVariables(walk.context, walk.instanceId, [{ scopeKey: element.elementKey, values }]);
}

/** A result without output mappings goes to the scopes that know its variables; with them it stays inside, and only what
 *  they name goes out. */
export function takeResult(
  walk: Walk,
  element: ElementRow,
  hasOutputs: boolean,
  result: Variables,
): Failure | undefined {
  return setVariables(walk.context, walk.instanceId, resultChanges(walk, element, hasOutputs, result));
}

export function resultChanges(walk: Walk, element: ElementRow, hasOutputs: boolean, result: Variables) {
  if (Object.keys(result).length === 0) return [];
  const { elementKey } = element;
  if (hasOutputs) return [{ scopeKey: elementKey, values: result }];
  return propagate(walk.context.draft, walk.instanceId, elementKey, result);
}

export function mapOutputs(walk: Walk, element: ElementRow, outputs: readonly Mapping[]): Failure | undefined {
  if (outputs.length === 0) return undefined;
  const { draft } = walk.context;
  const { instanceId } = walk;
  const visible = visibleVariables(draft, instanceId, element.elementKey);
  const outer = outerVariables(draft, element);
  const values = evaluateMappings(walk, outputs, visible, outer);
  if (values instanceof Failure) return values;
  // An iteration has variables of its own that its result may be meant for.
  const from = element.loopCounter === undefined ? element.scopeKey : element.elementKey;
  return setVariables(walk.context, instanceId, propagate(draft, instanceId, from, values));
}

/**
 * One after the other, so that a mapping sees what those before it wrote. A path as target (`customer.name`) changes that
 * part of the variable in `base` and keeps the rest of it.
 */
function evaluateMappings(
  walk: Walk,
  mappings: readonly Mapping[],
  visible: Variables,
  base: Variables,
): Variables | Failure {
  const written: Record<string, unknown> = {};
  const around: { variables: Variables; now: number } = { variables: visible, now: walk.context.now };
  for (const { source, target } of mappings) {
    const value = evaluateAny(source, around satisfies Surroundings, 'IO_MAPPING_FAILED');
    if (value instanceof Failure) return value;
    const [name, ...path] = target;
    const before = Object.hasOwn(written, name) ? written[name] : base[name];
    written[name] = path.length === 0 ? value : withPath(before, path, value);
    around.variables = { ...visible, ...written };
  }
  return written;
}

function withPath(before: unknown, path: readonly string[], value: unknown): unknown {
  const [name, ...rest] = path;
  if (name === undefined) return value;
  const entries = isContext(before) ? before : {};
  return { ...entries, [name]: withPath(entries[name], rest, value) };
}

function isContext(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
