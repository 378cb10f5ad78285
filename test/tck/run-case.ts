import { type DecisionModel, computeDecision } from '@millrace/dmn';
import { isContext } from '@millrace/feel';
import { isExpected } from './compare.ts';
import type { ExpectedResult, TestCase } from './test-cases.ts';
import { written } from './values.ts';

/** Why a case fails, in a sentence; undefined when it passes. */
export function runCase(model: DecisionModel, testCase: TestCase, now: number): string | undefined {
  for (const expected of testCase.results) {
    const fault = runResult(model, testCase, expected, now);
    if (fault !== undefined) return fault;
  }
  return testCase.results.length === 0 ? 'the case expects nothing' : undefined;
}

function runResult(
  model: DecisionModel,
  { inputs, type, invocableName }: TestCase,
  expected: ExpectedResult,
  now: number,
): string | undefined {
  const invoked = type === 'decision' ? undefined : invocableName;
  const id = idOf(model, invoked ?? expected.name, invoked === undefined ? expected.type : type);
  // What the model does not have fails; the TCK asks for such things where it expects an error.
  const result = id === undefined ? undefined : computeDecision(model, id, inputs, { now, onViolation: 'null' });
  if (result === undefined || 'failure' in result) {
    if (expected.isError) return undefined;
    return result === undefined ? `there is no "${invoked ?? expected.name}"` : result.failure.message;
  }
  const value = resultOf(model, expected, invoked, result.value);
  if (isExpected(expected.value, value)) return undefined;
  const warning = result.trace.flatMap(({ warnings }) => warnings).at(-1)?.message;
  const why = warning === undefined ? '' : ` (${warning})`;
  return `${expected.name}: expected ${written(expected.value)}, found ${written(value)}${why}`;
}

/** Of a service with several outputs, the one that is asked for. */
function resultOf(
  model: DecisionModel,
  { name }: ExpectedResult,
  invoked: string | undefined,
  value: unknown,
): unknown {
  if (invoked === undefined || !isContext(value) || name === invoked) return value;
  const service = Object.values(model.services).find(({ title }) => title === invoked);
  return service !== undefined && service.outputs.length > 1 ? (value[name] ?? null) : value;
}

/** Test cases name what they mean as people do; names are unique among the elements of one kind only. */
function idOf(model: DecisionModel, name: string, type: string): string | undefined {
  const kinds = { decision: model.decisions, decisionService: model.services, bkm: model.knowledgeModels };
  const first = Object.hasOwn(kinds, type) ? Object.values(kinds[type as keyof typeof kinds]) : [];
  const all = [...first, ...Object.values(model.decisions), ...Object.values(model.services)];
  return all.find((element) => element.title === name || element.name === name)?.id;
}

/** A model that cannot be read fails every case that expects a value. */
export function runUnreadable(testCase: TestCase, why: string): string | undefined {
  return testCase.results.every(({ isError }) => isError) && testCase.results.length > 0 ? undefined : why;
}
