import type { DecisionModel } from './model.ts';
import { Library, normalNamespace } from './library.ts';
import { type ModdleResult, type ModdleWarning, namespaceOf, parseXml, text, versionsRead } from './moddle.ts';
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

/** A model of a hundred decisions with their diagram has about a megabyte. */
export const MODEL_LENGTH_MAX = 4 * 1024 * 1024;

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
  if (xml.length > MODEL_LENGTH_MAX) {
    problems.error(undefined, 'too-large', `expected at most ${MODEL_LENGTH_MAX} characters, found ${xml.length}`);
    return undefined;
  }
  // The parser expands no entities, but it reads a document type wrongly, and DMN has no use for one.
  if (/<!doctype/i.test(prologue(xml))) {
    problems.error(undefined, 'document-type', 'expected DMN without a document type: entities are not read');
    return undefined;
  }
  const uri = namespaceOf(xml);
  if (uri === undefined) {
    const expected = `expected DMN ${versionsRead}: a root element "definitions" in the namespace of one of them`;
    problems.error(undefined, 'xml', expected);
    return undefined;
  }
  try {
    return await parseXml(xml, uri);
  } catch (error) {
    problems.error(undefined, 'xml', `expected DMN as XML: ${whyNotXml(error)}`);
    return undefined;
  }
}

/** What precedes the root element, without comments: the same characters are harmless in a text. */
function prologue(xml: string): string {
  const bare = xml.replaceAll(/<!--.*?-->/gs, '');
  const root = bare.search(/<[A-Za-z_]/);
  return root === -1 ? bare : bare.slice(0, root);
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

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const child of Object.values(value)) deepFreeze(child);
  }
  return value;
}
