import { type ModdleResult, type ModdleWarning, deepFreeze, oneLine, parseModel, text } from '@millrace/moddle';
import type { DecisionModel } from './model.ts';
import { Library, normalNamespace } from './library.ts';
import { parseXml, versionsRead } from './moddle.ts';
import { type Problem, Problems } from './problem.ts';
import { readGraph } from './read-graph.ts';
import type { Reading } from './reading.ts';

export interface ReadResult {
  /** Absent as soon as one problem is an error. */
  readonly decisions?: DecisionModel;
  readonly problems: readonly Problem[];
  /** The texts that it imports, with those that they import. */
  readonly imported: readonly string[];
}

export interface ReadOptions {
  /**
   * Reads what a deployment must refuse with no more than a warning: FEEL that does not parse, types that do not exist, decisions without
   * logic, functions that are not FEEL. They are null when they are evaluated, which is what the DMN specification says of every failure.
   */
  readonly isTolerant?: boolean;
  /** The texts of other files, of which those that the file imports become part of the model. */
  readonly others?: readonly string[];
}

/** Reads a DMN file (1.1 to 1.5). Bad input never throws: all that is wrong with it comes back at once. */
export async function readDecisions(
  xml: string,
  { isTolerant = false, others = [] }: ReadOptions = {},
): Promise<ReadResult> {
  const library = new Library(others, async (other, open) => {
    const reading = { problems: new Problems(), isTolerant, isImported: true };
    const decisions = await read(other, reading, library, open);
    const first = reading.problems.all().find(({ severity }) => severity === 'error');
    return decisions ?? first?.message ?? 'it could not be read';
  });
  const problems = new Problems();
  const decisions = await read(xml, { problems, isTolerant }, library, []);
  const imported = library.textsRead();
  if (decisions === undefined) return { problems: problems.all(), imported };
  return { decisions: deepFreeze(decisions), problems: problems.all(), imported };
}

async function read(
  xml: string,
  reading: Reading,
  library: Library,
  open: readonly string[],
): Promise<DecisionModel | undefined> {
  const { problems } = reading;
  const parsed = await parse(xml, problems);
  if (parsed === undefined) return undefined;
  for (const warning of parsed.warnings) noteWarning(problems, warning);
  const definitions = parsed.rootElement;
  const namespace = normalNamespace(text(definitions, 'namespace') ?? '');
  const files = await library.importedBy(definitions, [...open, namespace], problems);
  const decisions = readGraph(reading, definitions, namespace, files);
  return problems.haveErrors() ? undefined : decisions;
}

async function parse(xml: string, problems: Problems): Promise<ModdleResult | undefined> {
  return parseModel(xml, `DMN ${versionsRead}`, problems, parseXml);
}

/** Diagrams and other tools' extensions are for the eye; what DMN itself does not know may have been meant to decide something. */
function noteWarning(problems: Problems, { message, element }: ModdleWarning): void {
  const duplicate = /duplicate ID <([^>]*)>/.exec(message)?.[1];
  if (duplicate !== undefined) {
    problems.error(duplicate, 'id', `expected every id once, found "${duplicate}" again`);
  } else if (/unparsable content <(?:\w+:)?DMN(?:DI|Diagram|Shape|Edge|Style|Label)/i.test(message)) {
    // Drawn by a version of DMN whose diagrams dmn-moddle does not know.
  } else {
    problems.warning(element, 'unknown-content', `${oneLine(message)} is ignored`);
  }
}
