import { calculate, negative, type Operator } from '../arithmetic.ts';
import { type Order, equals, inOrder } from '../comparison.ts';
import { show } from '../show.ts';
import type { SyntaxNode } from '../syntax.ts';
import { isInstance, withoutConstraints } from '../types.ts';
import { kindOf } from '../values.ts';
import { compileCall, compileFunction, compileTemporalLiteral } from './calls.ts';
import { type Code, Meaningless, type Source, childAt, childrenOf, positionOf, textOf } from './code.ts';
import { numberLiteral, stringLiteral } from './literals.ts';
import { compileLogic, compileLooseIn, haveLooseTests } from './logic.ts';
import { compileFor, compileQuantified } from './loops.ts';
import { compileFilter, compilePath, compileVariable } from './names.ts';
import { compileBetween, compileIn, compileInterval, compileSimpleTest } from './tests.ts';
import { compileType } from './type-names.ts';
import { compileUnaryTests } from './unary-tests.ts';

/** From feelin's tree to code: each node to a function that has compiled its children once. */
export function compileNode(node: SyntaxNode, text: string): Code {
  const source: Source = {
    text,
    hasLooseTests: haveLooseTests(node, text),
    compile: (child) => compileAny(child, source),
    type: (child) => compileType(child, source),
  };
  return source.compile(node);
}

function compileAny(node: SyntaxNode, source: Source): Code {
  const compile = compilers.get(node.name);
  if (compile === undefined) throw new Meaningless(`unexpected ${textOf(source, node)}`);
  return compile(node, source);
}

type Compiler = (node: SyntaxNode, source: Source) => Code;

const compilers: ReadonlyMap<string, Compiler> = new Map<string, Compiler>([
  ['Expression', (node, source) => source.compile(childAt(childrenOf(node), 0))],
  ['UnaryTests', compileUnaryTests],
  ['null', () => () => null],
  ['BooleanLiteral', (node, source) => constant(textOf(source, node) === 'true')],
  ['NumericLiteral', (node, source) => constant(numberLiteral(textOf(source, node)))],
  ['StringLiteral', (node, source) => constant(stringLiteral(textOf(source, node)))],
  ['VariableName', compileVariable],
  ['?', () => (scope) => scope.find('?') ?? null],
  ['PathExpression', compilePath],
  ['FilterExpression', compileFilter],
  ['ParenthesizedExpression', (node, source) => source.compile(childAt(childrenOf(node), 1))],
  ['ArithmeticExpression', compileArithmetic],
  ['Comparison', compileComparison],
  ['Conjunction', compileLogic],
  ['Disjunction', compileLogic],
  ['IfExpression', compileIf],
  ['ForExpression', compileFor],
  ['QuantifiedExpression', compileQuantified],
  ['InstanceOfExpression', compileInstanceOf],
  ['Context', compileContext],
  ['List', compileList],
  ['Interval', compileInterval],
  ['SimplePositiveUnaryTest', compileSimpleTest],
  ['PositiveUnaryTest', (node, source) => source.compile(childAt(childrenOf(node), 0))],
  ['FunctionInvocation', compileCall],
  ['FunctionDefinition', compileFunction],
  ['DateTimeLiteral', compileTemporalLiteral],
  ['SpecialFunctionName', compileVariable],
]);

function constant(value: unknown): Code {
  return () => value;
}

function compileArithmetic(node: SyntaxNode, source: Source): Code {
  const parts = childrenOf(node);
  const position = positionOf(node);
  if (parts.length === 2) {
    const operand = source.compile(childAt(parts, 1));
    return (scope, run) => {
      const value = operand(scope, run);
      return negative(value) ?? run.warn('INVALID_TYPE', `Can't negate ${show(value)}`, position);
    };
  }
  const left = source.compile(childAt(parts, 0));
  const right = source.compile(childAt(parts, 2));
  const operator = textOf(source, childAt(parts, 1)) as Operator;
  const verb = verbs[operator];
  return (scope, run) => {
    const a = left(scope, run);
    const b = right(scope, run);
    const result = calculate(operator, a, b, run);
    return result ?? run.warn('INVALID_TYPE', `Can't ${verb} ${show(a)} and ${show(b)}`, position);
  };
}

const verbs: Readonly<Record<Operator, string>> = {
  '+': 'add',
  '-': 'subtract',
  '*': 'multiply',
  '/': 'divide',
  '**': 'exponentiate',
  '^': 'exponentiate',
};

function compileComparison(node: SyntaxNode, source: Source): Code {
  const parts = childrenOf(node);
  const operator = childAt(parts, 1);
  if (operator.name === 'in') return compileLooseIn(node, source) ?? compileIn(node, source);
  if (operator.name === 'between') return compileBetween(node, source);
  const left = source.compile(childAt(parts, 0));
  const right = source.compile(childAt(parts, 2));
  const sign = textOf(source, operator);
  const position = positionOf(node);
  const compareBoth = comparisonOf(sign);
  return (scope, run) => {
    const a = left(scope, run);
    const b = right(scope, run);
    const result = compareBoth(a, b, run);
    if (result !== null) return result;
    return run.warn('NOT_COMPARABLE', `Can't compare ${show(a)} with ${show(b)}`, position);
  };
}

function comparisonOf(sign: string): (a: unknown, b: unknown, run: Parameters<typeof equals>[2]) => boolean | null {
  if (sign === '=') return equals;
  if (sign === '!=') {
    return (a, b, run) => {
      const result = equals(a, b, run);
      return result === null ? null : !result;
    };
  }
  return (a, b) => inOrder(sign as Order, a, b);
}

function compileIf(node: SyntaxNode, source: Source): Code {
  const parts = childrenOf(node);
  const condition = source.compile(childAt(parts, 1));
  const whenTrue = source.compile(childAt(parts, 3));
  const whenFalse = source.compile(childAt(parts, 5));
  const position = positionOf(childAt(parts, 1));
  return (scope, run) => {
    const value = condition(scope, run);
    if (value !== true && value !== false) {
      run.warn('INVALID_TYPE', `Expected a condition that is true or false, found ${show(value)}`, position);
    }
    return value === true ? whenTrue(scope, run) : whenFalse(scope, run);
  };
}

function compileInstanceOf(node: SyntaxNode, source: Source): Code {
  const parts = childrenOf(node);
  const operand = source.compile(childAt(parts, 0));
  const type = source.type(childAt(parts, 3));
  return (scope, run) => {
    const value = operand(scope, run);
    const wanted = type(scope, run);
    if (wanted === undefined) return null;
    return wanted.kind === 'any' ? kindOf(value) !== 'null' : isInstance(value, withoutConstraints(wanted), run);
  };
}

/** `{ id: customer.id, total: a + b }`. An entry sees those before it, and itself when it is a function. */
function compileContext(node: SyntaxNode, source: Source): Code {
  const entries = childrenOf(node)
    .filter(({ name }) => name === 'ContextEntry')
    .map((entry) => {
      const [key, value] = childrenOf(entry);
      if (key === undefined || value === undefined) throw new Meaningless('expected an entry with a key and a value');
      return { name: keyOf(key, source), value: source.compile(value) };
    });
  const isTwice = new Set(entries.map(({ name }) => name)).size < entries.length;
  const position = positionOf(node);
  return (scope, run) => {
    if (isTwice) return run.warn('INVALID_CONTEXT', 'Expected each key of a context once', position);
    run.spend(entries.length);
    const values: Record<string, unknown> = {};
    const inner = scope.within(values);
    for (const { name, value } of entries) {
      const computed = value(inner, run);
      if (name === '__proto__') define(values, name, computed);
      else values[name] = computed;
    }
    return values;
  };
}

function keyOf(key: SyntaxNode, source: Source): string {
  const child = childAt(childrenOf(key), 0);
  // As it is written, since it may become JSON; looking it up does not mind white space.
  return child.name === 'StringLiteral' ? stringLiteral(textOf(source, child)) : plainName(textOf(source, child));
}

function plainName(text: string): string {
  return text.replaceAll('`', '').replaceAll(/\s+/g, ' ').trim();
}

/** Assigning `__proto__` would change the prototype instead of making an entry. */
function define(values: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(values, name, { value, enumerable: true, configurable: true, writable: true });
}

function compileList(node: SyntaxNode, source: Source): Code {
  const items = childrenOf(node)
    .slice(1, -1)
    .map((item) => source.compile(item));
  return (scope, run) => {
    run.spend(items.length);
    return items.map((item) => item(scope, run));
  };
}
