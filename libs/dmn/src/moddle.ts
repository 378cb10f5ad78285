import { type ModdleElement, type ModdleResult, rootAt, text } from '@millrace/moddle';
import { DmnModdle } from 'dmn-moddle';
import dmn13 from 'dmn-moddle/resources/dmn/json/dmn13.json' with { type: 'json' };
import boxedExpressions from '../resources/boxed-expressions.json' with { type: 'json' };

/** The model's own namespace of each version of DMN that is read; they differ in what they add, not in what they mean. */
const namespaces: ReadonlyMap<string, string> = new Map([
  ['1.1', 'http://www.omg.org/spec/DMN/20151101/dmn.xsd'],
  ['1.2', 'http://www.omg.org/spec/DMN/20180521/MODEL/'],
  ['1.3', 'https://www.omg.org/spec/DMN/20191111/MODEL/'],
  ['1.4', 'https://www.omg.org/spec/DMN/20211108/MODEL/'],
  ['1.5', 'https://www.omg.org/spec/DMN/20230324/MODEL/'],
]);

const readers = new Map<string, DmnModdle>();

const ROOT = /^<(?:([\w.-]+):)?definitions\s/;
/** Looked for at the beginning of a name only, so that no text takes more than one pass. */
const ATTRIBUTE = /(?<![\w:.-])([\w:.-]+)\s*=\s*(["'])(.*?)\2/gs;

/** The version of DMN that the root element is of, by its namespace. */
function namespaceOf(xml: string): string | undefined {
  const { prefix, attributes } = rootOf(xml);
  const uri = attributes.get(prefix === undefined ? 'xmlns' : `xmlns:${prefix}`);
  return [...namespaces.values()].find((known) => known === uri);
}

/** What a file calls the place of what it defines, by which other files import it. */
export function namespaceIn(xml: string): string | undefined {
  return rootOf(xml).attributes.get('namespace');
}

function rootOf(xml: string): {
  readonly prefix: string | undefined;
  readonly attributes: ReadonlyMap<string, string>;
} {
  const start = rootAt(xml);
  const end = xml.indexOf('>', start);
  const source = xml.slice(start, end === -1 ? xml.length : end);
  const [root = '', prefix] = ROOT.exec(source) ?? [];
  const attributes = Array.from(
    (root === '' ? '' : source).matchAll(ATTRIBUTE),
    ([, name = '', , value = '']) => [name, value.replaceAll('&amp;', '&')] as const,
  );
  return { prefix, attributes: new Map(attributes) };
}

export const versionsRead = [...namespaces.keys()].join(', ');

/** Throws an error whose `warnings` say more when the text is not DMN. */
export async function parseXml(xml: string): Promise<ModdleResult> {
  const uri = namespaceOf(xml);
  if (uri === undefined) throw new Error('a root element "definitions" in the namespace of one of them is not there');
  let reader = readers.get(uri);
  if (reader === undefined) readers.set(uri, (reader = new DmnModdle({ dmn: descriptorFor(uri) })));
  return (await reader.fromXML(xml)) as ModdleResult;
}

/** dmn-moddle describes DMN 1.3. What later versions add (boxed conditionals, filters, iterators, type constraints) is described here. */
function descriptorFor(uri: string): object {
  const types = dmn13.types.map((type) =>
    type.name === 'ItemDefinition'
      ? {
          ...type,
          properties: [
            ...type.properties,
            { name: 'typeConstraint', type: 'UnaryTests', xml: { serialize: 'property' } },
          ],
        }
      : type,
  );
  return { ...dmn13, uri, types: [...types, ...boxedExpressions] };
}

/** A name as FEEL reads it: white space within counts as one space. */
export function nameOf(element: ModdleElement | undefined): string | undefined {
  return text(element, 'name')?.replaceAll(/\s+/g, ' ');
}

/** What an element is referred to by. DMN needs no id of what nothing refers to, and then its name tells it from others. */
export function idOf(element: ModdleElement): string | undefined {
  return element.id ?? nameOf(element);
}
