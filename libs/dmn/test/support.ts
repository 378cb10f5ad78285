import { type DecisionModel, type EvaluationOptions, evaluateDecision, readDecisions } from '../src/index.ts';

/** DMN files in a few words. Texts are escaped, so that FEEL can be written as it is. */
const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
const typed = (type: string | undefined): string => (type === undefined ? '' : ` typeRef="${escape(type)}"`);
/** `name: type` */
const split = (text: string): readonly [name: string, type: string | undefined] => {
  const at = text.indexOf(':');
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1).trim()];
};

export const literal = (text: string, type?: string): string =>
  `<literalExpression${typed(type)}><text>${escape(text)}</text></literalExpression>`;

export const input = (name: string): string => {
  const [id, type] = split(name);
  return `<inputData id="${id.replaceAll(' ', '_')}" name="${id}"><variable name="${id}"${typed(type)}/></inputData>`;
};

export interface Parts {
  readonly needs?: readonly string[];
  readonly knows?: readonly string[];
}

/** `needs`: ids of inputs begin with a small letter, those of decisions with a capital. */
export const decision = (name: string, logic: string, { needs = [], knows = [] }: Parts = {}): string => {
  const [id, type] = split(name);
  const requirements = [
    ...needs.map((need) => {
      const kind = /^[A-Z]/.test(need) ? 'requiredDecision' : 'requiredInput';
      return `<informationRequirement><${kind} href="#${need.replaceAll(' ', '_')}"/></informationRequirement>`;
    }),
    ...knows.map((known) => `<knowledgeRequirement><requiredKnowledge href="#${known}"/></knowledgeRequirement>`),
  ];
  return `<decision id="${id.replaceAll(' ', '_')}" name="${id}"><variable name="${id}"${typed(type)}/>${requirements.join('')}${logic}</decision>`;
};

export const parameters = (names: readonly string[]): string =>
  names.map((name) => `<formalParameter name="${split(name)[0]}"${typed(split(name)[1])}/>`).join('');

export const knowledge = (name: string, args: readonly string[], body: string, { knows = [] }: Parts = {}): string =>
  `<businessKnowledgeModel id="${name}" name="${name}"><variable name="${name}"/><encapsulatedLogic>${parameters(args)}${body}</encapsulatedLogic>${knows
    .map((known) => `<knowledgeRequirement><requiredKnowledge href="#${known}"/></knowledgeRequirement>`)
    .join('')}</businessKnowledgeModel>`;

export const service = (
  name: string,
  parts: { outputs: string[]; encapsulated?: string[]; decisions?: string[]; inputs?: string[] },
): string => {
  const refs = (tag: string, ids: readonly string[] = []): string =>
    ids.map((id) => `<${tag} href="#${id}"/>`).join('');
  return `<decisionService id="${name}" name="${name}"><variable name="${name}"/>${refs('outputDecision', parts.outputs)}${refs('encapsulatedDecision', parts.encapsulated)}${refs('inputDecision', parts.decisions)}${refs('inputData', parts.inputs)}</decisionService>`;
};

export interface TableSpec {
  readonly policy?: string;
  readonly aggregation?: string;
  readonly inputs: readonly string[];
  /** Allowed input values by input. */
  readonly inputValues?: readonly (string | undefined)[];
  readonly outputs: readonly string[];
  readonly outputValues?: readonly (string | undefined)[];
  readonly fallbacks?: readonly (string | undefined)[];
  /** Cells between bars: tests, then results. */
  readonly rules: readonly string[];
}

export const table = (spec: TableSpec): string => {
  const values = (tag: string, text: string | undefined): string =>
    text === undefined ? '' : `<${tag}><text>${escape(text)}</text></${tag}>`;
  const inputs = spec.inputs.map((text, index) => {
    const [expression, type] = split(text);
    return `<input id="i${index}"><inputExpression${typed(type)}><text>${escape(expression)}</text></inputExpression>${values('inputValues', spec.inputValues?.[index])}</input>`;
  });
  const outputs = spec.outputs.map((text, index) => {
    const [name, type] = split(text);
    const fallback = values('defaultOutputEntry', spec.fallbacks?.[index]);
    return `<output id="o${index}" name="${name}"${typed(type)}>${values('outputValues', spec.outputValues?.[index])}${fallback}</output>`;
  });
  const rules = spec.rules.map((row, index) => {
    const cells = row.split('|').map((cell) => cell.trim());
    const tests = cells.slice(0, spec.inputs.length).map((cell) => values('inputEntry', cell));
    const results = cells.slice(spec.inputs.length).map((cell) => values('outputEntry', cell));
    return `<rule id="r${index + 1}">${tests.join('')}${results.join('')}</rule>`;
  });
  const aggregation = spec.aggregation === undefined ? '' : ` aggregation="${spec.aggregation}"`;
  return `<decisionTable id="table" hitPolicy="${spec.policy ?? 'UNIQUE'}"${aggregation}>${[...inputs, ...outputs, ...rules].join('')}</decisionTable>`;
};

export const namespaces = {
  '1.1': 'http://www.omg.org/spec/DMN/20151101/dmn.xsd',
  '1.2': 'http://www.omg.org/spec/DMN/20180521/MODEL/',
  '1.3': 'https://www.omg.org/spec/DMN/20191111/MODEL/',
  '1.4': 'https://www.omg.org/spec/DMN/20211108/MODEL/',
  '1.5': 'https://www.omg.org/spec/DMN/20230324/MODEL/',
} as const;

export const dmn = (parts: readonly string[], version: keyof typeof namespaces = '1.5'): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<definitions xmlns="${namespaces[version]}" id="model" name="Model" namespace="http://millrace.dev/test">${parts.join('\n')}</definitions>`;

export async function read(parts: readonly string[]): Promise<DecisionModel> {
  const { decisions, problems } = await readDecisions(dmn(parts));
  if (decisions === undefined) throw new Error(JSON.stringify(problems));
  return decisions;
}

export const NOW = Date.parse('2026-01-31T10:00:00Z');

/** The value, or the failure. */
export async function decide(
  parts: readonly string[],
  id: string,
  variables: Record<string, unknown> = {},
  options: Partial<EvaluationOptions> = {},
): Promise<unknown> {
  const result = evaluateDecision(await read(parts), id, variables, { now: NOW, ...options });
  return 'failure' in result ? result.failure : result.value;
}
