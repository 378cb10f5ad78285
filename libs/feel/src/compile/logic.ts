import type { SyntaxNode } from '../syntax.ts';
import { type Code, type Source, childAt, childrenOf, textOf } from './code.ts';
import { type Test, anyPasses, compileSigned, compileTest } from './tests.ts';

/**
 * S2. `and` and `or`. In FEEL `in` binds more tightly than they do: `a in [1..5] and b` is `(a in [1..5]) and b`. feelin's grammar takes all
 * that follows an `in` for its test, so that in a text that has such a test the operands are put in order here.
 */
export function compileLogic(node: SyntaxNode, source: Source): Code {
  if (source.hasLooseTests) return byPrecedence(node, source);
  const parts = childrenOf(node);
  return joined(source.compile(childAt(parts, 0)), source.compile(childAt(parts, 2)), node.name === 'Disjunction');
}

/** `a in test and b …` as feelin reads it; undefined for an `in` whose test is one. */
export function compileLooseIn(node: SyntaxNode, source: Source): Code | undefined {
  return source.hasLooseTests && looseTestOf(node) !== undefined ? byPrecedence(node, source) : undefined;
}

/** Whether there is an `in` whose test goes on with `and` or `or`. */
export function haveLooseTests(node: SyntaxNode, text: string): boolean {
  if (!/\bin\b/.test(text)) return false;
  let found = false;
  node.cursor().iterate(({ node: at }) => {
    found ||= at.name === 'Comparison' && looseTestOf(at) !== undefined;
    return !found;
  });
  return found;
}

/** Three-valued: `decisive` decides the whole, two opposites decide it the other way, everything else is null. */
function joined(left: Code, right: Code, decisive: boolean): Code {
  return (scope, run) => {
    const a = left(scope, run);
    if (a === decisive) return decisive;
    const b = right(scope, run);
    if (b === decisive) return decisive;
    return a === !decisive && b === !decisive ? !decisive : null;
  };
}

/** `and` before `or`, each from the left. */
function byPrecedence(node: SyntaxNode, source: Source): Code {
  const chain: Chain = { operands: [], operators: [] };
  addTo(chain, node, source);
  const alternatives: Code[] = [];
  for (const [index, operand] of chain.operands.entries()) {
    const before = alternatives.at(-1);
    if (before === undefined || chain.operators[index - 1] === 'Disjunction') alternatives.push(operand);
    else alternatives[alternatives.length - 1] = joined(before, operand, false);
  }
  return alternatives.reduce((left, right) => joined(left, right, true));
}

/** The operands as they are written, without going into brackets, and between any two their operator. */
interface Chain {
  readonly operands: Code[];
  readonly operators: string[];
}

/** `first` stands for the first operand, of which the test of an `in` is made. */
function addTo(
  chain: Chain,
  node: SyntaxNode,
  source: Source,
  first: (node: SyntaxNode) => Code = source.compile,
): void {
  if (isLogic(node)) {
    const parts = childrenOf(node);
    addTo(chain, childAt(parts, 0), source, first);
    chain.operators.push(node.name);
    addTo(chain, childAt(parts, 2), source);
    return;
  }
  const loose = first === source.compile ? looseTestOf(node) : undefined;
  if (loose === undefined) {
    chain.operands.push(first(node));
    return;
  }
  const value = source.compile(childAt(childrenOf(node), 0));
  const sign = loose.sign === undefined ? undefined : textOf(source, loose.sign);
  addTo(chain, loose.rest, source, (test) =>
    passing(value, sign === undefined ? compileTest(test, source) : compileSigned(sign, source.compile(test))),
  );
}

function isLogic({ name }: SyntaxNode): boolean {
  return name === 'Conjunction' || name === 'Disjunction';
}

/** In `a in > test and b`: the sign, and from the test on. */
function looseTestOf(node: SyntaxNode): { readonly sign?: SyntaxNode; readonly rest: SyntaxNode } | undefined {
  const parts = childrenOf(node);
  if (node.name !== 'Comparison' || parts[1]?.name !== 'in' || parts[2]?.name !== 'PositiveUnaryTest') return undefined;
  const inner = childAt(childrenOf(childAt(parts, 2)), 0);
  if (isLogic(inner)) return { rest: inner };
  const [sign, operand] = inner.name === 'SimplePositiveUnaryTest' ? childrenOf(inner) : [];
  return sign !== undefined && operand !== undefined && isLogic(operand) ? { sign, rest: operand } : undefined;
}

function passing(value: Code, test: Test): Code {
  const tests = [test];
  return (scope, run) => anyPasses(tests, value(scope, run), scope, run);
}
