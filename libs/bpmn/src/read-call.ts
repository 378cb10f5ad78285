import { type ModdleElement, describe, text } from '@millrace/moddle';
import type { CallActivity } from './model.ts';
import { extension } from './moddle.ts';
import { readBinding } from './read-binding.ts';
import type { NodeBase } from './read-node.ts';
import { type Reading, optionalExpression, readExpression } from './reading.ts';

/** `zeebe:calledElement`. */
export function readCallActivity(reading: Reading, element: ModdleElement, base: NodeBase): CallActivity | undefined {
  const called = extension(element, 'zeebe:CalledElement');
  const source = called && (text(called, 'processId') ?? text(called, 'processIdExpression'));
  if (called === undefined || source === undefined) {
    const wrong = `expected ${describe(element)} to have a zeebe:calledElement with the processId of what it calls`;
    reading.problems.error(element, 'call', wrong);
    return undefined;
  }
  const processId = readExpression(reading, element, source);
  const binding = readBinding(reading, element, called, 'call');
  const businessKey = optionalExpression(reading, element, called, 'businessId');
  if (processId === undefined || binding === undefined) return undefined;
  return {
    ...base,
    kind: 'callActivity',
    processId,
    binding,
    ...(businessKey && { businessKey }),
    passesAllIn: called.get('propagateAllParentVariables') !== false,
    passesAllOut: called.get('propagateAllChildVariables') !== false,
  };
}
