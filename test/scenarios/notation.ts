import { activityOf, loopXml, mappingsXml, stopXml } from './notation-activities.ts';
import { actionXml, eventXml, Roots, split } from './notation-events.ts';
import { listenersXml } from './notation-listeners.ts';
import { progressXml } from './notation-progress.ts';
import { escape, formal, wrap } from './xml-text.ts';

/**
 * Processes as text, and the BPMN XML that a modeller would have written for them, so that a script goes the way a file goes.
 *
 *   a: job pay | each =items as item      an element: id, kind, and what goes with it
 *   a -> b [x > 1]                        a sequence flow with a condition; `[default]` is the default flow
 *
 * What is indented under a sub-process is in it. Every message is correlated by the variable `key`.
 */
export interface Lines {
  readonly text: string;
  readonly inside: readonly Lines[];
}

const namespaces = [
  'xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"',
  'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"',
  'xmlns:millrace="http://millrace.dev/schema/1.0"',
  'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"',
].join(' ');

export function processXml(id: string, lines: readonly Lines[]): string {
  const roots = new Roots();
  const content = contentXml(lines, roots);
  const process = wrap('bpmn:process', { id, isExecutable: 'true' }, content);
  return `<bpmn:definitions ${namespaces} id="definitions" targetNamespace="scenario">${process}${roots.xml()}</bpmn:definitions>`;
}

export function decisionXml(id: string, expression: string): string {
  const text = wrap('literalExpression', {}, wrap('text', {}, escape(expression)));
  const decision = wrap('decision', { id, name: id }, `<variable name="${id}"/>${text}`);
  const dmn = 'https://www.omg.org/spec/DMN/20191111/MODEL/';
  return wrap('definitions', { xmlns: dmn, id: `of-${id}`, name: id, namespace: 'scenario' }, decision);
}

/** Lines by their indentation. */
export function nest(lines: readonly string[]): Lines[] {
  const depth = indentation(lines[0] ?? '');
  const top: { readonly text: string; readonly inside: string[] }[] = [];
  for (const line of lines) {
    if (indentation(line) > depth) top.at(-1)?.inside.push(line);
    else top.push({ text: line.trim(), inside: [] });
  }
  return top.map(({ text, inside }) => ({ text, inside: nest(inside) }));
}

function indentation(line: string): number {
  return line.length - line.trimStart().length;
}

function contentXml(lines: readonly Lines[], roots: Roots): string {
  const flows = lines.filter(({ text }) => !/^\w+:/.test(text)).flatMap(({ text }) => flowsOf(text));
  const elements = lines.filter(({ text }) => /^\w+:/.test(text));
  const defaults = new Map(flows.filter(({ condition }) => condition === 'default').map((flow) => [flow.from, flow]));
  return [
    ...elements.map((line) => elementXml(line, defaults.get(idOf(line))?.id, roots)),
    ...flows.map(({ id, from, to, condition }) => {
      const attributes = { id, sourceRef: from, targetRef: to };
      const isConditional = condition !== undefined && condition !== 'default';
      return wrap('bpmn:sequenceFlow', attributes, isConditional ? formal('conditionExpression', `=${condition}`) : '');
    }),
  ].join('');
}

function idOf({ text }: Lines): string {
  return text.slice(0, text.indexOf(':'));
}

interface Flow {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly condition: string | undefined;
}

function flowsOf(line: string): Flow[] {
  const [, path = '', condition] = /^([^[]+?)(?:\s*\[(.+)\])?$/.exec(line) ?? [];
  const stops = path.split('->').map((stop) => stop.trim());
  if (stops.length < 2) throw new Error(`expected "id: kind" or "a -> b [condition]", found "${line}"`);
  return stops.slice(1).map((to, at) => ({ id: `${stops[at]}-${to}`, from: stops[at] ?? '', to, condition }));
}

const gateways: Readonly<Record<string, string>> = {
  xor: 'exclusiveGateway',
  and: 'parallelGateway',
  or: 'inclusiveGateway',
  first: 'eventBasedGateway',
  complex: 'complexGateway',
};

function elementXml(line: Lines, defaultFlow: string | undefined, roots: Roots): string {
  const id = idOf(line);
  const [what = '', ...more] = line.text
    .slice(id.length + 1)
    .split(' | ')
    .map((part) => part.trim());
  const [kind, rest] = split(what);
  const attributes = { id, ...(defaultFlow === undefined ? undefined : { default: defaultFlow }) };
  const gateway = gateways[kind];
  if (gateway !== undefined) {
    const instantiate = rest.includes('instantiate') ? 'true' : '';
    const eventGatewayType = rest.includes('parallel') ? 'Parallel' : '';
    const when = rest.startsWith('=') ? formal('activationCondition', rest) : '';
    return wrap(`bpmn:${gateway}`, { ...attributes, instantiate, eventGatewayType }, when);
  }
  const event = eventXml(kind, rest, attributes, more, roots);
  if (event !== undefined) return event;
  const [, thrown = '', code = ''] = / throws (signal|escalation|error) (\w+)/.exec(more.join(' | ')) ?? [];
  if (thrown !== '') roots.definition(thrown, code);
  const { tag, extension = '', own = {} } = activityOf(kind, rest, more, roots);
  const extensions =
    extension + listenersXml(more) + mappingsXml(more) + more.map(actionXml).join('') + more.map(progressXml).join('');
  const isForCompensation = more.includes('undoes') ? 'true' : '';
  const content = [
    extensions === '' ? '' : wrap('bpmn:extensionElements', {}, extensions),
    contentXml(line.inside, roots),
    ...more.map(loopXml(more)),
    tag === 'adHocSubProcess' ? stopXml(more) : '',
  ];
  return wrap(`bpmn:${tag}`, { ...attributes, ...own, isForCompensation }, content.join(''));
}
