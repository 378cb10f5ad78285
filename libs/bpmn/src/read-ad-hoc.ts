import { type ModdleElement, describe, one, text } from '@millrace/moddle';
import type { AdHocSubProcess } from './model.ts';
import { extension } from './moddle.ts';
import type { NodeBase } from './read-node.ts';
import { readEventSubProcesses } from './read-scope.ts';
import { type Reading, optionalExpression } from './reading.ts';

/** `bpmn:adHocSubProcess` with `zeebe:adHoc`. */
export function readAdHocSubProcess(
  reading: Reading,
  element: ModdleElement,
  base: NodeBase,
): AdHocSubProcess | undefined {
  const options = extension(element, 'zeebe:AdHoc');
  refuseOptions(reading, element, options);
  const activeElements = options && optionalExpression(reading, element, options, 'activeElementsCollection');
  const completionCondition = readCondition(reading, element);
  return {
    ...base,
    kind: 'adHocSubProcess',
    startEvents: [],
    ...readEventSubProcesses(element),
    ...(activeElements && { activeElements }),
    ...(completionCondition === undefined ? {} : { completionCondition }),
    cancelsRemaining: element.get('cancelRemainingInstances') !== false,
  };
}

function refuseOptions(reading: Reading, element: ModdleElement, options: ModdleElement | undefined): void {
  const refuse = (what: string): void =>
    reading.problems.error(element, 'not-supported', `${describe(element)}: ${what} not supported yet`);
  if (element.get('ordering') === 'Sequential') refuse('a sequential ordering is');
  if (options !== undefined && text(options, 'outputCollection') !== undefined) refuse('an output collection is');
  if (extension(element, 'zeebe:TaskDefinition') !== undefined) refuse('a job that says what runs is');
}

function readCondition(reading: Reading, element: ModdleElement): string | undefined {
  const condition = one(element, 'completionCondition');
  const body = condition && text(condition, 'body');
  if (body === undefined) return undefined;
  if (!body.startsWith('=')) {
    const wrong = `expected the completion condition of ${describe(element)} to be a FEEL expression that starts with "=", found "${body}"`;
    reading.problems.error(element, 'condition', wrong);
    return undefined;
  }
  const feel = body.slice(1).trim();
  const wrong = reading.checks.checkExpression(feel);
  if (wrong !== undefined) reading.problems.error(element, 'expression', `${describe(element)}: ${wrong}`);
  return feel;
}
