import type { ExecutableProcess } from './model.ts';
import { type ModdleElement, type ModdleResult, type ModdleWarning, many, parseXml } from './moddle.ts';
import { type Problem, Problems, describe } from './problem.ts';
import { readProcess } from './read-process.ts';
import type { ExpressionChecks } from './reading.ts';
import { reviewProcess } from './review.ts';

export interface ReadResult {
  /** Empty as soon as one problem is an error. */
  readonly processes: readonly ExecutableProcess[];
  readonly problems: readonly Problem[];
}

/** A model of a thousand elements with its diagram has about a megabyte. */
export const MODEL_LENGTH_MAX = 4 * 1024 * 1024;

/** Reads a BPMN 2.0 file. Bad input never throws: all that is wrong with it comes back at once. */
export async function readModel(xml: string, checks: ExpressionChecks): Promise<ReadResult> {
  const problems = new Problems();
  const parsed = await parse(xml, problems);
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

async function parse(xml: string, problems: Problems): Promise<ModdleResult | undefined> {
  if (xml.length > MODEL_LENGTH_MAX) {
    problems.error(undefined, 'too-large', `expected at most ${MODEL_LENGTH_MAX} characters, found ${xml.length}`);
    return undefined;
  }
  // The parser expands no entities, but it reads a document type wrongly, and BPMN has no use for one.
  if (hasDocumentType(xml)) {
    problems.error(undefined, 'document-type', 'expected BPMN without a document type: entities are not read');
    return undefined;
  }
  try {
    return await parseXml(xml);
  } catch (error) {
    problems.error(undefined, 'xml', `expected BPMN 2.0 XML: ${whyNotXml(error)}`);
    return undefined;
  }
}

/** Looks at what precedes the root element only: the same characters are harmless in a text. */
function hasDocumentType(xml: string): boolean {
  let at = xml.indexOf('<');
  while (at !== -1) {
    const end = xml.startsWith('<!--', at) ? '-->' : xml.startsWith('<?', at) ? '?>' : undefined;
    if (end === undefined) return /^<!doctype/i.test(xml.slice(at, at + 9));
    const after = xml.indexOf(end, at);
    at = after === -1 ? -1 : xml.indexOf('<', after);
  }
  return false;
}

function whyNotXml(error: unknown): string {
  const { message, warnings } = error as { message?: string; warnings?: readonly ModdleWarning[] };
  return oneLine(warnings?.[0]?.message ?? message ?? 'the file could not be read');
}

/** moddle's messages span lines: what, line, column, and the cause as `nested error`. Its lines count from zero. */
function oneLine(message: string): string {
  const match = /^(.*?)\s+line: (\d+)\s+column: (\d+)\s+nested error: (.*)$/s.exec(message);
  if (match === null) return message;
  const [, , line = '0', column = '0', cause = ''] = match;
  return `${cause} at line ${Number(line) + 1}, column ${Number(column) + 1}`;
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
    problems.warning(element, 'unknown-content', `${oneLine(message)} is ignored`);
  } else {
    problems.error(element, 'unknown-content', `expected BPMN 2.0: ${oneLine(message)}`);
  }
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
]);

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const child of Object.values(value)) deepFreeze(child);
  }
  return value;
}
