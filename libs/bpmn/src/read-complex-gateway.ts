import { type ModdleElement, describe, one, text } from '@millrace/moddle';
import type { ComplexGateway } from './model.ts';
import type { NodeBase } from './read-node.ts';
import type { Reading } from './reading.ts';

/** `bpmn:complexGateway` with its `activationCondition`. */
export function readComplexGateway(
  reading: Reading,
  element: ModdleElement,
  base: NodeBase,
): ComplexGateway | undefined {
  const node = { ...base, kind: 'complexGateway' } as const;
  if (base.incoming.length < 2) return node;
  const condition = one(element, 'activationCondition');
  const body = condition && text(condition, 'body');
  if (body === undefined || !body.startsWith('=')) {
    const wrong = `expected ${describe(element)}, which joins ${base.incoming.length} flows, to have an activationCondition that starts with "=", found "${body ?? ''}"`;
    reading.problems.error(element, 'gateway', wrong);
    return undefined;
  }
  const activationCondition = body.slice(1).trim();
  const wrong = reading.checks.checkExpression(activationCondition);
  if (wrong !== undefined) reading.problems.error(element, 'expression', `${describe(element)}: ${wrong}`);
  return { ...node, activationCondition };
}
