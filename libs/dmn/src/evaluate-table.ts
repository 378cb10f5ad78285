import { checkExpression, type FeelType, compare, equals, isList, show } from '@millrace/feel';
import type { Evaluation } from './evaluation.ts';
import type { Frame } from './frame.ts';
import type { DecisionTable, TableOutput } from './model.ts';
import { readTyped } from './model-types.ts';
import { traced, tracedEntries } from './trace.ts';

/** What a rule gives, by output. */
type Outputs = Readonly<Record<string, unknown>>;

interface Hit {
  /** From 0. */
  readonly index: number;
  readonly outputs: Outputs;
}

/** The value of a decision table (DMN 1.5, 8.2.8). */
export function evaluateTable(evaluation: Evaluation, table: DecisionTable, frame: Frame): unknown {
  const inputs = table.inputs.map((input) => evaluateInput(evaluation, input, frame));
  const hits = findHits(evaluation, table, inputs, frame);
  evaluation.lookedInto({
    ...(table.id === undefined ? {} : { tableId: table.id }),
    inputs: table.inputs.map(({ id, text }, index) => ({
      ...(id === undefined ? {} : { id }),
      text,
      value: traced(inputs[index], evaluation.traceLeft),
    })),
    fired: hits.map(({ index, outputs }) => {
      const id = table.rules[index]?.id;
      return {
        ...(id === undefined ? {} : { ruleId: id }),
        index: index + 1,
        outputs: tracedEntries(outputs, evaluation.traceLeft),
      };
    }),
  });
  return hits.length === 0 ? fallback(evaluation, table, frame) : combine(evaluation, table, hits, frame);
}

/** What is not of its type, or not among the values that the input allows, is null from here on. */
function evaluateInput(
  evaluation: Evaluation,
  { text, type, allowed }: DecisionTable['inputs'][number],
  frame: Frame,
): unknown {
  const value = evaluation.feel(text, frame);
  const wanted: FeelType = evaluation.types.of(type);
  const typed = evaluation.typed(readTyped(value, wanted), wanted, `input "${text}"`, type ?? 'Any');
  if (allowed === undefined || typed === null || evaluation.passes(allowed, typed, frame)) return typed;
  return evaluation.violated('NOT_ALLOWED', `expected input "${text}" to be one of ${allowed}, found ${show(typed)}`);
}

function findHits(evaluation: Evaluation, table: DecisionTable, inputs: readonly unknown[], frame: Frame): Hit[] {
  const hits: Hit[] = [];
  for (const [index, { tests, results }] of table.rules.entries()) {
    if (!tests.every((test, column) => evaluation.passes(test, inputs[column], frame))) continue;
    const outputs = table.outputs.map((output, column) => {
      const value = evaluation.feel(results[column] ?? 'null', frame);
      return [output.name, checkedOutput(evaluation, output, value, frame)] as const;
    });
    hits.push({ index, outputs: Object.fromEntries(outputs) });
    // Those behind it are of no interest.
    if (table.hitPolicy === 'FIRST') break;
  }
  return hits;
}

/** As with inputs: of its type and among its values, or null. */
function checkedOutput(evaluation: Evaluation, output: TableOutput, value: unknown, frame: Frame): unknown {
  const { name, type, allowed } = output;
  const typed =
    type === undefined ? value : evaluation.typed(value, evaluation.types.of(type), `output "${name}"`, type);
  if (allowed === undefined || typed === null || evaluation.passes(allowed, typed, frame)) return typed;
  return evaluation.violated('NOT_ALLOWED', `expected output "${name}" to be one of ${allowed}, found ${show(typed)}`);
}

/** The default outputs, when there are any. */
function fallback(evaluation: Evaluation, table: DecisionTable, frame: Frame): unknown {
  if (table.outputs.every((output) => output.fallback === undefined)) return null;
  const outputs = table.outputs.map((output) => {
    const value = output.fallback === undefined ? null : evaluation.feel(output.fallback, frame);
    return [output.name, checkedOutput(evaluation, output, value, frame)] as const;
  });
  return valueOf(table, Object.fromEntries(outputs));
}

/** A single output is the value itself. */
function valueOf(table: DecisionTable, outputs: Outputs): unknown {
  const [only] = table.outputs;
  return table.outputs.length === 1 && only !== undefined ? outputs[only.name] : outputs;
}

function combine(evaluation: Evaluation, table: DecisionTable, hits: readonly Hit[], frame: Frame): unknown {
  const values = (of: readonly Hit[]): unknown[] => of.map(({ outputs }) => valueOf(table, outputs));
  const [first] = values(hits);
  switch (table.hitPolicy) {
    case 'UNIQUE':
      return hits.length === 1 ? first : violated(evaluation, table, hits, 'at most one rule');
    case 'ANY': {
      const [, ...others] = values(hits);
      const areEqual = others.every((other) => equals(first, other, evaluation.run) === true);
      return areEqual ? first : violated(evaluation, table, hits, 'rules with equal outputs');
    }
    case 'FIRST':
      return first;
    case 'PRIORITY':
      return values(byPriority(evaluation, table, hits, frame))[0];
    case 'OUTPUT ORDER':
      return values(byPriority(evaluation, table, hits, frame));
    case 'COLLECT':
      return aggregate(evaluation, table, values(hits));
    default:
      return values(hits);
  }
}

function violated(evaluation: Evaluation, table: DecisionTable, hits: readonly Hit[], expected: string): null {
  const found = hits.map(({ index }) => index + 1).join(', ');
  const which = table.id === undefined ? 'the decision table' : `decision table "${table.id}"`;
  const message = `expected ${expected} of ${which} to fire (hit policy ${table.hitPolicy}), found rules ${found}`;
  return evaluation.violated('HIT_POLICY_VIOLATED', message);
}

/** By the place of the first output in the list of its output values, then the second … What is not in it comes last. */
function byPriority(evaluation: Evaluation, table: DecisionTable, hits: readonly Hit[], frame: Frame): Hit[] {
  const orders = table.outputs.map(({ name, allowed }) => {
    const list = listOf(evaluation, allowed, frame);
    return ({ outputs }: Hit): number => {
      const place = list.findIndex((value) => equals(value, outputs[name], evaluation.run) === true);
      return place === -1 ? list.length : place;
    };
  });
  const ranked = hits.map((hit) => ({ hit, ranks: orders.map((rank) => rank(hit)) }));
  ranked.sort((one, other) => {
    for (const [index, rank] of one.ranks.entries()) {
      const difference = rank - (other.ranks[index] ?? 0);
      if (difference !== 0) return difference;
    }
    return 0;
  });
  return ranked.map(({ hit }) => hit);
}

/** Output values that are tests instead of a list (`> 5`) have no order. */
function listOf(evaluation: Evaluation, allowed: string | undefined, frame: Frame): readonly unknown[] {
  const text = `[${allowed ?? ''}]`;
  const list = checkExpression(text, { names: frame.names }) === undefined ? evaluation.feel(text, frame) : [];
  return isList(list) ? list : [];
}

function aggregate(evaluation: Evaluation, { aggregation }: DecisionTable, values: readonly unknown[]): unknown {
  switch (aggregation) {
    case 'COUNT':
      return values.length;
    case 'SUM':
      return evaluation.sum(values);
    case 'MIN':
      return extreme(evaluation, values, -1);
    case 'MAX':
      return extreme(evaluation, values, 1);
    default:
      return values;
  }
}

function extreme(evaluation: Evaluation, values: readonly unknown[], wanted: -1 | 1): unknown {
  let best = values[0];
  for (const value of values) {
    const order = compare(value, best);
    if (order === null) {
      return evaluation.violated('NOT_COMPARABLE', `expected outputs that can be compared, found ${show(value)}`);
    }
    if (Math.sign(order) === wanted) best = value;
  }
  return best;
}
