import { type ModdleElement, describe, many, one, text } from '@millrace/moddle';
import type {
  ContextEntry,
  Expression,
  FunctionExpression,
  InvocationExpression,
  RelationExpression,
} from './model.ts';
import { nameOf } from './moddle.ts';
import { readTable } from './read-table.ts';
import { type Reading, fault, isTooDeep } from './reading.ts';

/** What a type reference names, without the prefix of a namespace (`feel:number`, `ns1:tRisk`); white space within is one space. */
export function typeName(reference: string | undefined): string | undefined {
  const name = reference
    ?.trim()
    .replaceAll(/\s+/g, ' ')
    .replace(/^[\w.-]+:(?=.)/, '');
  return name === undefined || name === '' ? undefined : name;
}

export function typed(element: ModdleElement | undefined): { readonly type?: string } {
  const type = typeName(text(element, 'typeRef'));
  return type === undefined ? {} : { type };
}

export function identified(element: ModdleElement): { readonly id?: string } {
  return element.id === undefined ? {} : { id: element.id };
}

/** A boxed expression of any kind. */
export function readExpression(reading: Reading, element: ModdleElement): Expression | undefined {
  if (isTooDeep(reading, element)) return undefined;
  const common = { ...identified(element), ...typed(element) };
  switch (element.$type) {
    case 'dmn:LiteralExpression':
      return readLiteral(reading, element);
    case 'dmn:DecisionTable':
      return readTable(reading, element);
    case 'dmn:Context': {
      const entries = many(element, 'contextEntry').map((entry) => readEntry(reading, entry));
      return complete(entries) ? { kind: 'context', ...common, entries } : undefined;
    }
    case 'dmn:List': {
      const items = many(element, 'elements').map((item) => readExpression(reading, item));
      return complete(items) ? { kind: 'list', ...common, items } : undefined;
    }
    case 'dmn:Relation':
      return readRelation(reading, element);
    case 'dmn:Invocation':
      return readInvocation(reading, element);
    case 'dmn:FunctionDefinition':
      return readFunction(reading, element);
    case 'dmn:Conditional': {
      const condition = readPart(reading, element, 'if');
      const whenTrue = readPart(reading, element, 'then');
      const whenFalse = readPart(reading, element, 'else');
      if (condition === undefined || whenTrue === undefined || whenFalse === undefined) return undefined;
      return { kind: 'conditional', ...common, condition, whenTrue, whenFalse };
    }
    case 'dmn:Filter': {
      const of = readPart(reading, element, 'in');
      const match = readPart(reading, element, 'match');
      return of === undefined || match === undefined ? undefined : { kind: 'filter', ...common, of, match };
    }
    case 'dmn:For':
    case 'dmn:Some':
    case 'dmn:Every':
      return readIterator(reading, element);
    default:
      reading.problems.error(element, 'not-supported', `${describe(element)} is not supported as an expression`);
      return undefined;
  }
}

/** FEEL is the default; a file may say so at each expression, in several spellings. */
const FEEL = /(^|\/)feel\/?$/i;

function readLiteral(reading: Reading, element: ModdleElement): Expression | undefined {
  const language = text(element, 'expressionLanguage');
  if (language !== undefined && !FEEL.test(language)) {
    fault(reading, element, 'not-supported', `expected FEEL as expression language, found "${language}"`);
    return lacking(reading);
  }
  const source = text(element, 'text');
  if (source === undefined) {
    fault(reading, element, 'logic', 'expected an expression, found an empty one: write FEEL in it, null if need be');
    return lacking(reading);
  }
  return { kind: 'literal', ...identified(element), ...typed(element), text: source };
}

function readEntry(reading: Reading, entry: ModdleElement): ContextEntry | undefined {
  const variable = one(entry, 'variable');
  const element = one(entry, 'value');
  const name = nameOf(variable);
  if (element === undefined) {
    fault(reading, entry, 'logic', `expected context entry "${name ?? 'result'}" to have an expression`);
  }
  const value = element === undefined ? lacking(reading) : readExpression(reading, element);
  return value === undefined ? undefined : { ...(name === undefined ? {} : { name }), ...typed(variable), value };
}

function readRelation(reading: Reading, element: ModdleElement): RelationExpression | undefined {
  const columns = many(element, 'column').map((column) => ({ name: nameOf(column) ?? '', ...typed(column) }));
  const rows = many(element, 'row').map((row) => {
    const cells = many(row, 'elements').map((cell) => readExpression(reading, cell));
    if (cells.length !== columns.length) {
      const found = `expected each row of the relation to have ${columns.length} cells, found ${cells.length}`;
      reading.problems.error(row, 'logic', found);
      return undefined;
    }
    return complete(cells) ? cells : undefined;
  });
  const common = { ...identified(element), ...typed(element) };
  return complete(rows) ? { kind: 'relation', ...common, columns, rows } : undefined;
}

function readInvocation(reading: Reading, element: ModdleElement): InvocationExpression | undefined {
  // DMN calls it calledFunction in its schema, and just puts the expression there.
  const function_ = one(element, 'calledFunction');
  if (function_ === undefined) {
    reading.problems.error(
      element,
      'logic',
      'expected an invocation to say what it calls: name a knowledge model in it',
    );
    return undefined;
  }
  const called = readExpression(reading, function_);
  const bindings = many(element, 'binding').map((binding) => {
    const parameter = one(binding, 'parameter');
    const formula = one(binding, 'bindingFormula');
    // A parameter without a formula is null, as when it is not given at all.
    const value = formula === undefined ? NULL : readExpression(reading, formula);
    return value === undefined ? undefined : { name: nameOf(parameter) ?? '', ...typed(parameter), value };
  });
  if (called === undefined || !complete(bindings)) return undefined;
  return { kind: 'invocation', ...identified(element), ...typed(element), called, bindings };
}

const NULL: Expression = { kind: 'literal', text: 'null' };

/** What stands for an expression that is not there. */
export function lacking({ isTolerant }: Reading): Expression | undefined {
  return isTolerant ? NULL : undefined;
}

export function readFunction(reading: Reading, element: ModdleElement): FunctionExpression | undefined {
  const kind = text(element, 'kind') ?? 'FEEL';
  if (kind !== 'FEEL') {
    const wrong = `functions of kind ${kind} are not supported: they would run code that is not in the model`;
    fault(reading, element, 'not-supported', wrong);
    const parameters = parametersOf(element);
    return reading.isTolerant ? { kind: 'function', ...identified(element), parameters, body: NULL } : undefined;
  }
  const body = one(element, 'body');
  if (body === undefined) {
    fault(reading, element, 'logic', 'expected a function to have a body');
  }
  const read = body === undefined ? lacking(reading) : readExpression(reading, body);
  if (read === undefined) return undefined;
  return { kind: 'function', ...identified(element), ...typed(element), parameters: parametersOf(element), body: read };
}

function parametersOf(element: ModdleElement): FunctionExpression['parameters'] {
  return many(element, 'formalParameter').map((parameter) => ({ name: nameOf(parameter) ?? '', ...typed(parameter) }));
}

function readIterator(reading: Reading, element: ModdleElement): Expression | undefined {
  const variable = text(element, 'iteratorVariable')?.replaceAll(/\s+/g, ' ');
  if (variable === undefined) {
    reading.problems.error(element, 'logic', `expected ${describe(element)} to name its iterator variable`);
  }
  const of = readPart(reading, element, 'in');
  const isFor = element.$type === 'dmn:For';
  const each = readPart(reading, element, isFor ? 'return' : 'satisfies');
  if (variable === undefined || of === undefined || each === undefined) return undefined;
  const common = { ...identified(element), ...typed(element), variable, of };
  if (isFor) return { kind: 'for', ...common, result: each };
  return { kind: element.$type === 'dmn:Some' ? 'some' : 'every', ...common, satisfies: each };
}

function readPart(reading: Reading, element: ModdleElement, property: string): Expression | undefined {
  const value = one(one(element, property), 'value');
  if (value !== undefined) return readExpression(reading, value);
  reading.problems.error(element, 'logic', `expected ${describe(element)} to have an expression for "${property}"`);
  return undefined;
}

function complete<T>(list: readonly (T | undefined)[]): list is readonly T[] {
  return !list.includes(undefined);
}
