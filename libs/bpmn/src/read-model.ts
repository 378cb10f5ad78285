import {
  type ModdleElement,
  type ModdleWarning,
  deepFreeze,
  describe,
  many,
  oneLine,
  parseModel,
} from '@millrace/moddle';
import type { ExecutableProcess } from './model.ts';
import { parseXml } from './moddle.ts';
import { type Problem, Problems } from './problem.ts';
import { readProcess } from './read-process.ts';
import type { ExpressionChecks } from './reading.ts';
import { reviewProcess } from './review.ts';

export interface ReadResult {
  /** Empty as soon as one problem is an error. */
  readonly processes: readonly ExecutableProcess[];
  readonly problems: readonly Problem[];
}

/** Reads a BPMN 2.0 file. Bad input never throws: all that is wrong with it comes back at once. */
export async function readModel(xml: string, checks: ExpressionChecks): Promise<ReadResult> {
  const problems = new Problems();
  const parsed = await parseModel(xml, 'BPMN 2.0', problems, parseXml);
  if (parsed === undefined) return { processes: [], problems: problems.all() };
  for (const warning of parsed.warnings) noteWarning(problems, warning);
  const executable = many(parsed.rootElement, 'rootElements').filter(
    (element) => element.$type === 'bpmn:Process' && element.get('isExecutable') === true,
  );
  if (executable.length === 0) {
    problems.error(undefined, 'no-executable-process', 'expected a process with isExecutable="true", found none');
  }
  const processes = executable
    .map((process) => readProcess({ problems, checks }, process))
    .filter((process) => process !== undefined);
  if (problems.haveErrors()) return { processes: [], problems: problems.all() };
  for (const process of processes) reviewProcess(process, problems);
  return { processes: processes.map(deepFreeze), problems: problems.all() };
}

function noteWarning(problems: Problems, { message, element, property, value }: ModdleWarning): void {
  const duplicate = /duplicate ID <([^>]*)>/.exec(message)?.[1];
  if (duplicate !== undefined) {
    problems.error(duplicate, 'id', `expected every id once, found "${duplicate}" again`);
  } else if (message.startsWith('unresolved reference') && element !== undefined) {
    // References of diagrams, lanes and annotations are for the eye.
    if (!executedReferences.has(property ?? '')) return;
    const owner = flowElementOf(element);
    const name = (property ?? '').replace(/^\w+:/, '');
    problems.error(owner, 'reference', `expected "${value ?? ''}", the ${name} of ${describe(owner)}, to exist`);
  } else if (message.startsWith('unknown attribute')) {
    problems.warning(element && withId(element), 'unknown-content', `${oneLine(message)} is ignored`);
  } else {
    problems.error(element, 'unknown-content', `expected BPMN 2.0: ${oneLine(message)}`);
  }
}

/** An extension element has no id: what it extends can be marked. */
function withId(element: ModdleElement): ModdleElement {
  return element.id === undefined && element.$parent !== undefined ? withId(element.$parent) : element;
}

/** An event definition is part of its event, which is what a modeller sees. */
function flowElementOf(element: ModdleElement): ModdleElement {
  const isPart = element.$type.endsWith('EventDefinition');
  return isPart && element.$parent !== undefined ? element.$parent : element;
}

const executedReferences: ReadonlySet<string> = new Set([
  'bpmn:sourceRef',
  'bpmn:targetRef',
  'bpmn:attachedToRef',
  'bpmn:messageRef',
  'bpmn:errorRef',
  'bpmn:signalRef',
  'bpmn:escalationRef',
  'bpmn:activityRef',
  'bpmn:default',
  'bpmn:eventDefinitionRef',
  'bpmn:oneBehaviorEventRef',
  'bpmn:noneBehaviorEventRef',
]);
