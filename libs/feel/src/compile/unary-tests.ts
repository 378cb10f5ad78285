import type { SyntaxNode } from '../syntax.ts';
import { type Code, type Source, Meaningless, childAt, childrenOf, textOf } from './code.ts';
import { type Test, anyPasses, compileTest } from './tests.ts';

/** A cell of a decision table: whether the value `?` passes. Null, which does not pass, when it cannot be known. */
export function compileUnaryTests(node: SyntaxNode, source: Source): Code {
  const parts = childrenOf(node);
  const first = childAt(parts, 0);
  if (first.name === 'Wildcard') return () => true;
  const list = parts.find(({ name }) => name === 'PositiveUnaryTests');
  if (list === undefined) throw new Meaningless('expected tests');
  const tests = childrenOf(list).map((test) => compileCell(test, source));
  const isNegated = first.name === 'not';
  return (scope, run) => {
    run.spend(1);
    const verdict = anyPasses(tests, scope.find('?') ?? null, scope, run);
    // What cannot be known to be one of them counts as none of them.
    return isNegated ? verdict !== true : verdict;
  };
}

/** What is itself a question about `?` or about other variables: its answer is the verdict, and not what `?` must equal. */
const questions: ReadonlySet<string> = new Set([
  'Comparison',
  'Conjunction',
  'Disjunction',
  'QuantifiedExpression',
  'InstanceOfExpression',
]);

function compileCell(node: SyntaxNode, source: Source): Test {
  const inner = childAt(childrenOf(node), 0);
  // The value, whatever it is, is itself.
  if (inner.name === '?') return () => true;
  if (questions.has(inner.name) || mentionsInput(inner, source)) {
    const code = source.compile(inner);
    return (_, scope, run) => {
      const verdict = code(scope, run);
      return typeof verdict === 'boolean' ? verdict : null;
    };
  }
  const test = compileTest(node, source);
  if (inner.name !== 'FunctionInvocation' && inner.name !== 'ParenthesizedExpression') return test;
  // `is holiday(date)` in a column of texts: true is a verdict there, and a value to equal only in a column of booleans.
  const code = source.compile(inner);
  return (value, scope, run) => {
    if (typeof value === 'boolean') return test(value, scope, run);
    const answer = code(scope, run);
    return typeof answer === 'boolean' ? answer : test(value, scope, run);
  };
}

function mentionsInput(node: SyntaxNode, source: Source): boolean {
  if (!textOf(source, node).includes('?')) return false;
  let found = false;
  node.cursor().iterate((at) => {
    if (at.name === '?') found = true;
  });
  return found;
}
