import type { ModdleResult, ModdleWarning } from './element.ts';
import type { Problems } from './problems.ts';

/** A process of a thousand elements, or a hundred decisions, with the diagram, have about a megabyte. */
export const MODEL_LENGTH_MAX = 4 * 1024 * 1024;

const DOCUMENT_TYPE = /^<!doctype/i;

/** From a text to elements; undefined when it is none, and the problem says why. `notation`: "BPMN 2.0", as sentences name it. */
export async function parseModel(
  xml: string,
  notation: string,
  problems: Problems,
  parse: (xml: string) => Promise<ModdleResult>,
): Promise<ModdleResult | undefined> {
  if (xml.length > MODEL_LENGTH_MAX) {
    problems.error(undefined, 'too-large', `expected at most ${MODEL_LENGTH_MAX} characters, found ${xml.length}`);
    return undefined;
  }
  // The parser expands no entities, but it reads a document type wrongly, and no model has a use for one.
  const start = rootAt(xml);
  if (DOCUMENT_TYPE.test(xml.slice(start, start + 9))) {
    const expected = `expected ${notation} without a document type: entities are not read`;
    problems.error(undefined, 'document-type', expected);
    return undefined;
  }
  try {
    return await parse(xml);
  } catch (error) {
    problems.error(undefined, 'xml', `expected ${notation} as XML: ${whyNotXml(error)}`);
    return undefined;
  }
}

/** Where the root element, or a document type before it, begins: behind comments and instructions. The text's end when nothing does. */
export function rootAt(xml: string): number {
  let at = xml.indexOf('<');
  while (at !== -1) {
    const end = xml.startsWith('<!--', at) ? '-->' : xml.startsWith('<?', at) ? '?>' : undefined;
    if (end === undefined) return at;
    const after = xml.indexOf(end, at);
    at = after === -1 ? -1 : xml.indexOf('<', after);
  }
  return xml.length;
}

function whyNotXml(error: unknown): string {
  const { message, warnings } = error as { message?: string; warnings?: readonly ModdleWarning[] };
  return oneLine(warnings?.[0]?.message ?? message ?? 'the file could not be read');
}

/** moddle's messages span lines: what, line, column, and the cause as `nested error`. Its lines count from zero. */
export function oneLine(message: string): string {
  const match = /^(.*?)\s+line: (\d+)\s+column: (\d+)\s+nested error: (.*)$/s.exec(message);
  if (match === null) return message;
  const [, , line = '0', column = '0', cause = ''] = match;
  return `${cause} at line ${Number(line) + 1}, column ${Number(column) + 1}`;
}
