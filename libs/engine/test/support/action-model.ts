import type { NodeAction } from '@millrace/bpmn';
import { type Spec, pass } from './model.ts';

/** An action of a node, with what it does. */
export interface ActionSpec extends Partial<Omit<NodeAction, 'elementId'>> {
  readonly name: string;
  readonly does?: Spec;
}

/** The node, with actions; in their order, as the reader has them. */
export function acting(spec: Spec, ...actions: readonly ActionSpec[]): Spec {
  return { ...spec, acting: actions } as Spec;
}

/** The elements, and those that their actions execute. */
export function withActions(elements: Readonly<Record<string, Spec>>): Record<string, Spec> {
  return Object.fromEntries(Object.entries(elements).flatMap(([id, spec]) => expand(id, spec)));
}

function expand(
  id: string,
  { acting: specs, ...spec }: Spec & { readonly acting?: readonly ActionSpec[] },
): [string, Spec][] {
  if (specs === undefined) return [[id, spec]];
  const actions = specs
    .map(({ does: _does, ...action }): NodeAction => ({ order: 0, ...action, elementId: `${id}:${action.name}` }))
    .sort((one, other) => one.order - other.order);
  const inner = specs.map(({ name, does = pass }): [string, Spec] => [
    `${id}:${name}`,
    { ...does, name, scope: id, actionOf: id },
  ]);
  return [[id, { ...spec, actions }], ...inner];
}
