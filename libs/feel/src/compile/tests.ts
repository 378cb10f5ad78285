import { FeelRange } from 'feelin';
import { type Order, equals, inOrder } from '../comparison.ts';
import { includes, makeComparisonRange, makeRange } from '../range.ts';
import type { Run } from '../run.ts';
import type { Scope } from '../scope.ts';
import { show } from '../show.ts';
import type { SyntaxNode } from '../syntax.ts';
import { isList } from '../values.ts';
import { type Code, type Source, childAt, childrenOf, positionOf, textOf } from './code.ts';

/** Whether a value passes; null when that cannot be known. */
export type Test = (value: unknown, scope: Scope, run: Run) => boolean | null;

/** `[1..10]`, `(a..b]`, `]1..2[`: a range as a value. */
export function compileInterval(node: SyntaxNode, source: Source): Code {
  const parts = childrenOf(node);
  const start = source.compile(childAt(parts, 1));
  const end = source.compile(childAt(parts, 3));
  const startIncluded = textOf(source, childAt(parts, 0)) === '[';
  const endIncluded = textOf(source, childAt(parts, 4)) === ']';
  const position = positionOf(node);
  return (scope, run) => {
    const ends = { start: start(scope, run), end: end(scope, run), startIncluded, endIncluded };
    const range = makeRange(ends);
    if (range !== undefined) return range;
    return run.warn('INVALID_RANGE', `Can't make a range from ${show(ends.start)} to ${show(ends.end)}`, position);
  };
}

/** `> 5` as a value is the range of what is more than 5 (DMN 1.5); an interval is itself. */
export function compileSimpleTest(node: SyntaxNode, source: Source): Code {
  const parts = childrenOf(node);
  if (parts.length === 1) return source.compile(childAt(parts, 0));
  const sign = textOf(source, childAt(parts, 0));
  const operand = source.compile(childAt(parts, 1));
  const position = positionOf(node);
  return (scope, run) => {
    const value = operand(scope, run);
    const range = rangeOf(sign, value);
    return range ?? run.warn('INVALID_RANGE', `Can't make a range of ${sign} ${show(value)}`, position);
  };
}

function rangeOf(sign: string, value: unknown): FeelRange | undefined {
  const ends = { start: null, end: null, startIncluded: false, endIncluded: false };
  switch (sign) {
    case '<':
      return makeComparisonRange({ ...ends, end: value });
    case '<=':
      return makeComparisonRange({ ...ends, end: value, endIncluded: true });
    case '>':
      return makeComparisonRange({ ...ends, start: value });
    case '>=':
      return makeComparisonRange({ ...ends, start: value, startIncluded: true });
    case '=':
      return makeComparisonRange({ start: value, end: value, startIncluded: true, endIncluded: true });
    default:
      return undefined;
  }
}

/** `a in 5`, `a in (1, > 5, [7..9])`, `a in list`. */
export function compileIn(node: SyntaxNode, source: Source): Code {
  const parts = childrenOf(node);
  const left = source.compile(childAt(parts, 0));
  const tests = parts.find(({ name }) => name === 'PositiveUnaryTests');
  const nodes = tests === undefined ? [childAt(parts, -1)] : childrenOf(tests);
  const compiled = nodes.map((test) => compileTest(test, source));
  return (scope, run) => anyPasses(compiled, left(scope, run), scope, run);
}

export function anyPasses(tests: readonly Test[], value: unknown, scope: Scope, run: Run): boolean | null {
  let isUnknown = false;
  for (const test of tests) {
    const verdict = test(value, scope, run);
    if (verdict === true) return true;
    if (verdict === null) isUnknown = true;
  }
  return isUnknown ? null : false;
}

/** One positive unary test, in the right of `in` or in a cell of a decision table. */
export function compileTest(node: SyntaxNode, source: Source): Test {
  const inner = unwrap(node);
  if (inner.name === 'SimplePositiveUnaryTest') {
    const parts = childrenOf(inner);
    if (parts.length === 2) return compileSigned(textOf(source, childAt(parts, 0)), source.compile(childAt(parts, 1)));
  }
  const code = source.compile(inner);
  return (value, scope, run) => passes(value, code(scope, run), run);
}

function unwrap(node: SyntaxNode): SyntaxNode {
  const parts = childrenOf(node);
  if (node.name === 'PositiveUnaryTest') return unwrap(childAt(parts, 0));
  // `4 in (!= 5)`: one test in brackets is a test, though there is no range of it.
  const inner = node.name === 'ParenthesizedExpression' ? childAt(parts, 1) : undefined;
  return inner?.name === 'SimplePositiveUnaryTest' ? inner : node;
}

export function compileSigned(sign: string, operand: Code): Test {
  if (sign === '=') return (value, scope, run) => equals(value, operand(scope, run), run);
  if (sign === '!=') {
    return (value, scope, run) => {
      const result = equals(value, operand(scope, run), run);
      return result === null ? null : !result;
    };
  }
  return (value, scope, run) => inOrder(sign as Order, value, operand(scope, run));
}

/** What the test's own value makes of it: a range includes it, a list has it among its items, anything else equals it. */
function passes(value: unknown, test: unknown, run: Run): boolean | null {
  if (test instanceof FeelRange) {
    return value instanceof FeelRange ? equals(value, test, run) : includes(test, value);
  }
  if (!isList(test)) return test === null ? value === null : (equals(value, test, run) ?? false);
  if (isList(value) && equals(value, test, run) === true) return true;
  run.spend(test.length);
  return test.some((item) => (item instanceof FeelRange ? includes(item, value) : equals(value, item, run)) === true);
}

export function compileBetween(node: SyntaxNode, source: Source): Code {
  const parts = childrenOf(node);
  const operand = source.compile(childAt(parts, 0));
  const from = source.compile(childAt(parts, 2));
  const to = source.compile(childAt(parts, 4));
  const position = positionOf(node);
  return (scope, run) => {
    const value = operand(scope, run);
    const [start, end] = [from(scope, run), to(scope, run)];
    const isBehind = inOrder('>=', value, start);
    const isBefore = inOrder('<=', value, end);
    if (isBehind !== null && isBefore !== null) return isBehind && isBefore;
    return run.warn('NOT_COMPARABLE', `Can't compare ${show(value)} with ${show(start)} and ${show(end)}`, position);
  };
}
