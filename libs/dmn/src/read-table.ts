import { type ModdleElement, many, one, text } from '@millrace/moddle';
import type { Aggregation, DecisionTable, HitPolicy, TableInput, TableOutput, TableRule } from './model.ts';
import { nameOf } from './moddle.ts';
import { identified, typeName, typed } from './read-expression.ts';
import type { Reading } from './reading.ts';

const hitPolicies: ReadonlySet<string> = new Set<HitPolicy>([
  'UNIQUE',
  'FIRST',
  'PRIORITY',
  'ANY',
  'COLLECT',
  'RULE ORDER',
  'OUTPUT ORDER',
]);

export function readTable(reading: Reading, element: ModdleElement): DecisionTable | undefined {
  const { problems } = reading;
  const hitPolicy = text(element, 'hitPolicy') ?? 'UNIQUE';
  if (!hitPolicies.has(hitPolicy)) {
    problems.error(element, 'table', `expected a hit policy as ${[...hitPolicies].join(', ')}, found "${hitPolicy}"`);
  }
  const aggregation = text(element, 'aggregation');
  if (aggregation !== undefined && !/^(SUM|COUNT|MIN|MAX)$/.test(aggregation)) {
    problems.error(element, 'table', `expected an aggregation as SUM, COUNT, MIN, MAX, found "${aggregation}"`);
  }
  const inputs = many(element, 'input').map((input) => readInput(reading, input));
  const outputs = many(element, 'output');
  const table: DecisionTable = {
    kind: 'decisionTable',
    ...identified(element),
    ...typed(element),
    hitPolicy: hitPolicy as HitPolicy,
    ...(aggregation === undefined ? {} : { aggregation: aggregation as Aggregation }),
    inputs: inputs.filter((input) => input !== undefined),
    outputs: outputs.map((output) => readOutput(reading, output, outputs.length)),
    rules: many(element, 'rule').map((rule) => readRule(rule)),
  };
  return verify(reading, element, table, inputs.length) ? table : undefined;
}

function readInput({ problems }: Reading, input: ModdleElement): TableInput | undefined {
  const expression = one(input, 'inputExpression');
  const source = text(expression, 'text');
  if (source === undefined) {
    problems.error(
      input,
      'table',
      'expected each input of a decision table to have an expression: name what it looks at',
    );
    return undefined;
  }
  const label = text(input, 'label');
  const allowed = text(one(input, 'inputValues'), 'text');
  return {
    ...identified(input),
    ...(label === undefined ? {} : { label }),
    text: source,
    ...typed(expression),
    ...(allowed === undefined ? {} : { allowed }),
  };
}

function readOutput({ problems }: Reading, output: ModdleElement, count: number): TableOutput {
  const name = nameOf(output);
  if (name === undefined && count > 1) {
    problems.error(output, 'table', 'expected each of several outputs of a decision table to have a name');
  }
  const type = typeName(text(output, 'typeRef'));
  const allowed = text(one(output, 'outputValues'), 'text');
  const fallback = text(one(output, 'defaultOutputEntry'), 'text');
  return {
    ...identified(output),
    name: name ?? 'result',
    ...(type === undefined ? {} : { type }),
    ...(allowed === undefined ? {} : { allowed }),
    ...(fallback === undefined ? {} : { fallback }),
  };
}

/** An empty test is `-`, which passes; an empty result is null. Modellers leave both blank. */
function readRule(rule: ModdleElement): TableRule {
  const annotations = many(rule, 'annotationEntry').map((entry) => text(entry, 'text') ?? '');
  return {
    ...identified(rule),
    tests: many(rule, 'inputEntry').map((entry) => text(entry, 'text') ?? '-'),
    results: many(rule, 'outputEntry').map((entry) => text(entry, 'text') ?? 'null'),
    ...(annotations.some((annotation) => annotation !== '') ? { annotations } : {}),
  };
}

function verify({ problems }: Reading, element: ModdleElement, table: DecisionTable, inputCount: number): boolean {
  const { hitPolicy, aggregation, outputs, rules } = table;
  const wrong = (message: string): void => problems.error(element, 'table', message);
  const before = problems.all().length;
  if (outputs.length === 0) wrong('expected a decision table to have an output');
  if (new Set(outputs.map(({ name }) => name)).size < outputs.length)
    wrong('expected the outputs to have different names');
  if (aggregation !== undefined && hitPolicy !== 'COLLECT') {
    wrong(`expected an aggregation only with the hit policy COLLECT, found it with ${hitPolicy}`);
  }
  if (aggregation !== undefined && outputs.length > 1) {
    wrong(`expected a single output to aggregate with ${aggregation}, found ${outputs.length}`);
  }
  if (hitPolicy === 'PRIORITY' || hitPolicy === 'OUTPUT ORDER') {
    if (outputs.every(({ allowed }) => allowed === undefined)) {
      problems.warning(
        element,
        'table',
        `expected output values, whose order is the priority of ${hitPolicy}: without them rules keep their order`,
      );
    }
  }
  for (const [index, rule] of many(element, 'rule').entries()) {
    const { tests, results } = rules[index] as TableRule;
    if (tests.length !== inputCount || results.length !== outputs.length) {
      const found = `found ${tests.length} and ${results.length}`;
      problems.error(
        rule,
        'table',
        `expected rule ${index + 1} to have ${inputCount} inputs and ${outputs.length} outputs, ${found}`,
      );
    }
  }
  return problems
    .all()
    .slice(before)
    .every(({ severity }) => severity === 'warning');
}
