import { type ModdleElement, describe, many, one, text } from '@millrace/moddle';
import type { AdHocChoice, AdHocSubProcess } from './model.ts';
import { extension } from './moddle.ts';
import { readJob } from './read-action.ts';
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
  const activeElements = options && optionalExpression(reading, element, options, 'activeElementsCollection');
  const completionCondition = readCondition(reading, element);
  const job = readJob(reading, element);
  if (job !== undefined && (activeElements !== undefined || completionCondition !== undefined)) {
    const wrong = `expected ${describe(element)}, whose job says what begins and when it is over, to have no activeElementsCollection and no completionCondition`;
    reading.problems.error(element, 'job', wrong);
  }
  return {
    ...base,
    kind: 'adHocSubProcess',
    startEvents: [],
    ...readEventSubProcesses(element),
    ...(activeElements && { activeElements }),
    ...(completionCondition === undefined ? {} : { completionCondition }),
    cancelsRemaining: element.get('cancelRemainingInstances') !== false,
    ...(element.get('ordering') === 'Sequential' ? { isSequential: true as const } : {}),
    ...(options && readOutputs(reading, element, options)),
    ...(job && { job, choices: choicesOf(element) }),
  };
}

function readOutputs(reading: Reading, owner: ModdleElement, options: ModdleElement) {
  const outputCollection = text(options, 'outputCollection');
  const outputElement = optionalExpression(reading, owner, options, 'outputElement');
  const tell = (wrong: string): void =>
    reading.problems.error(owner, 'mapping', `expected ${describe(owner)} ${wrong}`);
  if ((outputCollection === undefined) !== (text(options, 'outputElement') === undefined)) {
    tell('to have both an outputCollection and an outputElement, or neither');
  } else if (outputCollection !== undefined && !/^[\p{L}_][\p{L}\p{N}_]*$/u.test(outputCollection)) {
    tell(`to have a variable name as outputCollection, found "${outputCollection}"`);
  }
  return outputCollection === undefined || outputElement === undefined ? {} : { outputCollection, outputElement };
}

/** What no flow leads to, and no event starts. */
function choicesOf(element: ModdleElement): AdHocChoice[] {
  const members = many(element, 'flowElements');
  const reached = new Set(members.map((member) => one(member, 'targetRef')?.id));
  return members
    .filter((member) => !reached.has(member.id) && !isSetAside(member))
    .map((member) => {
      const documentation = many(member, 'documentation').map((one) => text(one, 'text') ?? '');
      const properties = extension(member, 'zeebe:Properties');
      const entries = properties === undefined ? [] : many(properties, 'properties');
      return {
        elementId: member.id ?? '',
        ...(member.name === undefined ? {} : { elementName: member.name }),
        ...(documentation.length === 0 ? {} : { documentation: documentation.join('\n') }),
        ...(entries.length === 0
          ? {}
          : {
              properties: Object.fromEntries(entries.map((one) => [text(one, 'name') ?? '', text(one, 'value') ?? ''])),
            }),
      };
    });
}

function isSetAside(member: ModdleElement): boolean {
  const isNone = /^bpmn:(Data.*|SequenceFlow|BoundaryEvent)$/.test(member.$type);
  return isNone || member.get('triggeredByEvent') === true || member.get('isForCompensation') === true;
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
