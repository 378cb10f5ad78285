import { parseExpression } from 'feelin';
import type { Failure } from './failure.ts';

export type SyntaxTree = ReturnType<typeof parseExpression>;
export type SyntaxNode = SyntaxTree['topNode'];

/** Longer than any expression a person writes; parsing time grows with it. */
const EXPRESSION_LENGTH_MAX = 10_000;
/** feelin recurses per bracket, and slows down far before the stack ends. */
const NESTING_MAX = 64;

export type Syntax = { readonly tree: SyntaxTree } | { readonly failure: Failure };

/** Parses as feelin will, with no variables known: a name that only makes sense as `first name` needs backticks. */
export function parse(expression: string): Syntax {
  if (expression.length > EXPRESSION_LENGTH_MAX) {
    return fail(`expected at most ${EXPRESSION_LENGTH_MAX} characters, found ${expression.length}`);
  }
  if (expression.trim() === '') return fail('expected an expression, found nothing');
  if (nesting(expression) > NESTING_MAX) return fail(`expected brackets nested at most ${NESTING_MAX} deep`);
  const tree = parseExpression(expression, {}, undefined);
  const error = firstError(tree);
  return error === undefined ? { tree } : { failure: describe(expression, error) };
}

export function checkExpression(expression: string): string | undefined {
  const syntax = parse(expression);
  return 'failure' in syntax ? syntax.failure.message : undefined;
}

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
  const where = within === 'Expression' ? '' : ` in this ${words(within)}`;
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
