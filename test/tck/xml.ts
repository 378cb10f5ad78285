import { Parser } from 'saxen';

/** An element of a test file, with its text and the elements within it. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
  readonly text: string;
}

interface Building extends Element {
  readonly children: Building[];
  text: string;
}

const INSTANCE = 'http://www.w3.org/2001/XMLSchema-instance';

/** The root element, or undefined when it is no `testCases`, of whatever version of their namespace. Throws on what is not XML. */
export function parseTestCases(xml: string): Element | undefined {
  const root: Building = { name: '', attributes: {}, children: [], text: '' };
  const open = [root];
  const parser = new Parser();
  parser.ns({ [INSTANCE]: 'xsi' });
  parser.on('openTag', (name, attributes, decode) => {
    const decoded = Object.entries(attributes()).map(([key, value]) => [key, decode(String(value))] as const);
    const element: Building = {
      name: name.replace(/^.*:/, ''),
      attributes: Object.fromEntries(decoded),
      children: [],
      text: '',
    };
    open.at(-1)?.children.push(element);
    open.push(element);
  });
  parser.on('closeTag', () => {
    open.pop();
  });
  const addText = (text: string): void => {
    const element = open.at(-1);
    if (element !== undefined) element.text += text;
  };
  parser.on('text', (text, decode) => addText(decode(text)));
  parser.on('cdata', addText);
  parser.on('error', (error) => {
    throw error;
  });
  parser.parse(xml);
  const [first] = root.children;
  return first?.name === 'testCases' ? first : undefined;
}

export function childrenOf(element: Element, name: string): readonly Element[] {
  return element.children.filter((child) => child.name === name);
}

export function childOf(element: Element, name: string): Element | undefined {
  return childrenOf(element, name)[0];
}
