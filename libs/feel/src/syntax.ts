import { parseExpression, parseUnaryTests } from 'feelin';
import type { Failure } from './failure.ts';
import type { Names } from './scope.ts';

export type SyntaxTree = ReturnType<typeof parseExpression>;
export type SyntaxNode = SyntaxTree['topNode'];

/** An expression has a value; unary tests say whether a value passes, as the cells of a decision table do. */
export type Grammar = 'expression' | 'unaryTests';

/** Longer than any expression a person writes; parsing time grows with it. */
const EXPRESSION_LENGTH_MAX = 10_000;
/** Everything that walks the tree recurses per bracket. */
const NESTING_MAX = 64;

export type Syntax = { readonly tree: SyntaxTree } | { readonly failure: Failure };

/** The grammar knows `list<T>` and not `range<T>`: it is given the one for the other, of the same length, so that positions stay. */
const RANGE_TYPE = /(?<=\bof\s+|<\s*)range(?=\s*<)/g;

/** Names of functions that would be read as something else (`get` or …) if they were not known. */
const knownNames = { 'get or else': null };

/** Parses as feelin does. A name of several words needs to be among `names`, or to stand in backticks. */
export function parse(text: string, grammar: Grammar = 'expression', names?: Names): Syntax {
  if (text.length > EXPRESSION_LENGTH_MAX) {
    return fail(`expected at most ${EXPRESSION_LENGTH_MAX} characters, found ${text.length}`);
  }
  if (text.trim() === '') return fail('expected an expression, found nothing');
  if (nesting(text) > NESTING_MAX) return fail(`expected brackets nested at most ${NESTING_MAX} deep`);
  const known = { ...knownNames, ...names?.shape };
  const read = text.replaceAll(RANGE_TYPE, 'list ');
  const tree =
    grammar === 'expression' ? parseExpression(read, known, 'camunda') : parseUnaryTests(read, known, 'camunda');
  const error = firstError(tree);
  return error === undefined ? { tree } : { failure: describe(text, error) };
}

export interface CheckOptions {
  readonly grammar?: Grammar;
  /** Names of several words that the text may use. */
  readonly names?: Names;
}

/** Says what is wrong with the syntax of a text, or undefined. */
export function checkExpression(
  text: string,
  { grammar = 'expression', names }: CheckOptions = {},
): string | undefined {
  const syntax = parse(text, grammar, names);
  return 'failure' in syntax ? syntax.failure.message : undefined;
}

/** Brackets, and what else makes the tree deeper with each one more: signs, and operators whose right side is inside. */
function nesting(expression: string): number {
  let depth = 0;
  let deepest = 0;
  for (const character of expression) {
    if ('([{'.includes(character)) deepest = Math.max(deepest, ++depth);
    else if (')]}'.includes(character)) depth -= 1;
  }
  return deepest;
}

interface ErrorPlace {
  readonly from: number;
  readonly to: number;
  readonly within: string;
}

function firstError(tree: SyntaxTree): ErrorPlace | undefined {
  let error: ErrorPlace | undefined;
  tree.iterate({
    enter(node) {
      if (node.type.isError) error ??= { from: node.from, to: node.to, within: node.node.parent?.name ?? 'Expression' };
      return error === undefined;
    },
  });
  return error;
}

function describe(expression: string, { from, to, within }: ErrorPlace): Failure {
  const where = within === 'Expression' || within === 'UnaryTests' ? '' : ` in this ${words(within)}`;
  const position = { from, to };
  if (expression.slice(from).trim() === '')
    return { message: `expected more${where} at its end: ${quote(expression)}`, position };
  const found = expression.slice(from, Math.max(to, from + 1));
  return { message: `unexpected ${quote(found)}${where}, at character ${from + 1} of ${quote(expression)}`, position };
}

/** `FunctionInvocation` → `function invocation`. */
function words(nodeName: string): string {
  return nodeName.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter}`).toLowerCase();
}

function fail(message: string): Syntax {
  return { failure: { message } };
}

const QUOTED_MAX = 120;

/** A text as messages show it: on one line, and not longer than a line. */
export function quote(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > QUOTED_MAX ? `"${line.slice(0, QUOTED_MAX)}…"` : `"${line}"`;
}
