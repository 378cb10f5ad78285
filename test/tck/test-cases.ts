import { type Element, childOf, childrenOf, parseTestCases } from './xml.ts';
import { readValue } from './values.ts';

/** One file of test cases, as the DMN TCK writes them (its testCases.xsd). */
export interface TestFile {
  /** The model's file, beside this one. */
  readonly modelName: string;
  readonly cases: readonly TestCase[];
}

export interface TestCase {
  readonly id: string;
  /** A decision service or a knowledge model is invoked as a whole; decisions are named by the results. */
  readonly type: string;
  readonly invocableName?: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly results: readonly ExpectedResult[];
}

export interface ExpectedResult {
  readonly name: string;
  readonly type: string;
  /** The evaluation is expected to fail, which in DMN is null. */
  readonly isError: boolean;
  readonly value: unknown;
}

/** Undefined for XML that holds no test cases. Throws on test cases that are not as their schema has them. */
export function readTestFile(xml: string): TestFile | undefined {
  const root = parseTestCases(xml);
  if (root === undefined) return undefined;
  return {
    modelName: childOf(root, 'modelName')?.text.trim() ?? '',
    cases: childrenOf(root, 'testCase').map((element, index) => readCase(element, index)),
  };
}

function readCase(element: Element, index: number): TestCase {
  const { id, type, invocableName } = element.attributes;
  const inputs = childrenOf(element, 'inputNode').map((input): [string, unknown] => [nameOf(input), readValue(input)]);
  return {
    id: id ?? String(index + 1),
    type: type ?? 'decision',
    ...(invocableName === undefined ? {} : { invocableName }),
    inputs: Object.fromEntries(inputs),
    results: childrenOf(element, 'resultNode').map(readResult),
  };
}

function readResult(element: Element): ExpectedResult {
  const expected = childOf(element, 'expected');
  return {
    name: nameOf(element),
    type: element.attributes['type'] ?? 'decision',
    isError: element.attributes['errorResult'] === 'true',
    value: expected === undefined ? null : readValue(expected),
  };
}

function nameOf({ attributes }: Element): string {
  return (attributes['name'] ?? '').trim().replaceAll(/\s+/g, ' ');
}
