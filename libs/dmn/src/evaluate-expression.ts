import { type FeelType, FunctionValue, coerce, isContext, isList, show } from '@millrace/feel';
import type { Evaluation } from './evaluation.ts';
import { evaluateTable } from './evaluate-table.ts';
import { Frame } from './frame.ts';
import type {
  ContextExpression,
  Expression,
  FilterExpression,
  ForExpression,
  FunctionExpression,
  InvocationExpression,
  QuantifiedExpression,
  RelationExpression,
  Variable,
} from './model.ts';

/** The value of a boxed expression, as its type wants it. */
export function evaluateExpression(evaluation: Evaluation, expression: Expression, frame: Frame): unknown {
  evaluation.run.spend(1);
  const value = valueOf(evaluation, expression, frame);
  const { type, kind } = expression;
  // What a function's type says is about what it gives, and is looked at there.
  if (type === undefined || kind === 'function') return value;
  return evaluation.typed(value, evaluation.types.of(type), `the value of ${name(expression)}`, type);
}

function name({ kind, id }: Expression): string {
  const words = kind.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return id === undefined ? `a ${words}` : `the ${words} "${id}"`;
}

function valueOf(evaluation: Evaluation, expression: Expression, frame: Frame): unknown {
  switch (expression.kind) {
    case 'literal':
      return evaluation.feel(expression.text, frame);
    case 'decisionTable':
      return evaluateTable(evaluation, expression, frame);
    case 'context':
      return evaluateContext(evaluation, expression, frame);
    case 'list':
      return expression.items.map((item) => evaluateExpression(evaluation, item, frame));
    case 'relation':
      return evaluateRelation(evaluation, expression, frame);
    case 'invocation':
      return evaluateInvocation(evaluation, expression, frame);
    case 'function':
      return makeFunction(evaluation, expression, frame);
    case 'conditional': {
      const condition = evaluateExpression(evaluation, expression.condition, frame);
      if (condition !== null && typeof condition !== 'boolean') return notBoolean(evaluation, 'condition', condition);
      return evaluateExpression(evaluation, condition === true ? expression.whenTrue : expression.whenFalse, frame);
    }
    case 'filter':
      return evaluateFilter(evaluation, expression, frame);
    case 'for':
      return evaluateFor(evaluation, expression, frame);
    default:
      return evaluateQuantified(evaluation, expression, frame);
  }
}

function evaluateContext(evaluation: Evaluation, { entries }: ContextExpression, frame: Frame): unknown {
  const values: Record<string, unknown> = {};
  const types = new Map<string, FeelType>();
  for (const entry of entries) {
    // A frame for each entry: the names of those before it decide how its text is read.
    const value = evaluateExpression(evaluation, entry.value, frame.within({ ...values }, types));
    // What the type of a function's variable says is about what it gives, in older files.
    const isOfResult = value instanceof FunctionValue && entry.type !== undefined;
    const typed = isOfResult ? value : checked(evaluation, value, entry.type, `entry "${entry.name ?? 'result'}"`);
    if (entry.name === undefined) return typed;
    define(values, entry.name, typed);
    if (entry.type !== undefined) types.set(entry.name, evaluation.types.of(entry.type));
  }
  return values;
}

function checked(evaluation: Evaluation, value: unknown, type: string | undefined, what: string): unknown {
  return type === undefined ? value : evaluation.typed(value, evaluation.types.of(type), what, type);
}

/** A name `__proto__` is a name. */
function define(values: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(values, name, { value, enumerable: true, configurable: true, writable: true });
}

function evaluateRelation(evaluation: Evaluation, { columns, rows }: RelationExpression, frame: Frame): unknown {
  return rows.map((row) =>
    Object.fromEntries(
      columns.map(({ name: column, type }, index) => {
        const value = evaluateExpression(evaluation, row[index] as Expression, frame);
        return [column, checked(evaluation, value, type, `column "${column}"`)];
      }),
    ),
  );
}

function evaluateInvocation(evaluation: Evaluation, invocation: InvocationExpression, frame: Frame): unknown {
  const { run } = evaluation;
  const called = evaluateExpression(evaluation, invocation.called, frame);
  if (!(called instanceof FunctionValue)) return run.warn('NO_FUNCTION_FOUND', `Cannot invoke ${show(called)}`);
  const values = new Map<string, unknown>();
  for (const { name: parameter, type, value } of invocation.bindings) {
    const bound = evaluateExpression(evaluation, value, frame);
    values.set(parameter, checked(evaluation, bound, type, `parameter "${parameter}"`));
  }
  const signature = called.signatures.find((names) => [...values.keys()].every((key) => names.includes(key)));
  if (signature === undefined) {
    return run.warn('FUNCTION_INVOCATION_FAILURE', `Expected the parameters ${String(called)}`);
  }
  return called.call(
    signature.map((parameter) => values.get(parameter) ?? null),
    run,
  );
}

/** Sees what is around it. */
export function makeFunction(evaluation: Evaluation, expression: FunctionExpression, frame: Frame): FunctionValue {
  return functionOf(evaluation, expression.parameters, (values, types) => {
    const value = evaluateExpression(evaluation, expression.body, frame.within(values, types));
    return checked(evaluation, value, expression.type, 'the result of a function');
  });
}

export function functionOf(
  evaluation: Evaluation,
  parameters: readonly Variable[],
  body: (values: Readonly<Record<string, unknown>>, types: ReadonlyMap<string, FeelType>) => unknown,
): FunctionValue {
  const names = parameters.map((parameter) => parameter.name);
  return new FunctionValue([names], (args, run) => {
    if (args.length !== names.length) {
      return run.warn('FUNCTION_INVOCATION_FAILURE', `Expected the arguments (${names.join(', ')})`);
    }
    const values: Record<string, unknown> = {};
    const types = new Map<string, FeelType>();
    for (const [index, { name: parameter, type: reference }] of parameters.entries()) {
      const type = evaluation.types.of(reference);
      const value = coerce(args[index] ?? null, type, run);
      // With an argument that does not fit, the function is not called at all.
      if (value === undefined) return evaluation.mismatched(args[index], `argument "${parameter}"`, reference ?? 'Any');
      define(values, parameter, value);
      if (reference !== undefined) types.set(parameter, type);
    }
    return run.within(() => body(values, types));
  });
}

function evaluateFilter(evaluation: Evaluation, { of, match }: FilterExpression, frame: Frame): unknown {
  const value = evaluateExpression(evaluation, of, frame);
  if (value === null) return null;
  const list = isList(value) ? value : [value];
  const kept: unknown[] = [];
  for (const item of list) {
    const around = frame.within({ item });
    const verdict = evaluateExpression(evaluation, match, isContext(item) ? around.within(item) : around);
    if (typeof verdict === 'number') return evaluation.feel('list[index]', new Frame({ list, index: verdict }));
    if (verdict !== null && typeof verdict !== 'boolean') return notBoolean(evaluation, 'match', verdict);
    if (verdict === true) kept.push(item);
  }
  return kept;
}

/** Boxed expressions have no truth beyond true, false and the null that nobody knows. */
function notBoolean({ run }: Evaluation, part: string, found: unknown): null {
  return run.warn('INVALID_TYPE', `Expected the ${part} to be true or false, found ${show(found)}`);
}

function evaluateFor(evaluation: Evaluation, { variable, of, result }: ForExpression, frame: Frame): unknown {
  const items = itemsOf(evaluation, of, frame);
  if (items === null) return null;
  const results: unknown[] = [];
  for (const item of items) {
    evaluation.run.spend(results.length + 1);
    const each = frame.within({ [variable]: item, partial: [...results] });
    results.push(evaluateExpression(evaluation, result, each));
  }
  return results;
}

function evaluateQuantified(evaluation: Evaluation, expression: QuantifiedExpression, frame: Frame): unknown {
  const items = itemsOf(evaluation, expression.of, frame);
  if (items === null) return null;
  const decisive = expression.kind === 'some';
  let isUnknown = false;
  for (const item of items) {
    const each = frame.within({ [expression.variable]: item });
    const verdict = evaluateExpression(evaluation, expression.satisfies, each);
    if (verdict === decisive) return decisive;
    if (verdict !== null && typeof verdict !== 'boolean') return notBoolean(evaluation, 'satisfies', verdict);
    if (verdict === null) isUnknown = true;
  }
  return isUnknown ? null : !decisive;
}

/** A range is iterated over by FEEL itself. */
function itemsOf(evaluation: Evaluation, of: Expression, frame: Frame): readonly unknown[] | null {
  const value = evaluateExpression(evaluation, of, frame);
  const list = isList(value)
    ? value
    : evaluation.feel('for item in domain return item', frame.within({ domain: value }));
  return isList(list) ? list : null;
}
