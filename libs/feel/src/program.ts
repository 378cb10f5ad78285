import { messageOf } from '@millrace/std';
import { backtracking } from './builtins/regular-expressions.ts';
import { compileNode } from './compile/compile.ts';
import { type Code, Meaningless } from './compile/code.ts';
import type { Failure } from './failure.ts';
import type { Names } from './scope.ts';
import { type Grammar, type SyntaxTree, parse, quote } from './syntax.ts';

/** A text, ready to be evaluated any number of times. */
export interface Program {
  readonly code: Code;
  /** Whether it may match a pattern, for which no number of steps can be told beforehand. */
  readonly backtracks: boolean;
}

export type Prepared = Program | { readonly failure: Failure };

/** Deployments bring new texts and never announce that old ones are gone: the eldest make room. */
const CACHED_MAX = 10_000;
const cache = new Map<string, Prepared>();

/** `names` are those of several words that are known where the text stands. */
export function prepare(text: string, grammar: Grammar, names: Names): Prepared {
  const key = `${grammar} ${names.key} ${text}`;
  const cached = cache.get(key);
  if (cached !== undefined) return cached;
  const prepared = compile(text, grammar, names);
  if (cache.size >= CACHED_MAX) {
    const eldest = cache.keys().next();
    if (eldest.done !== true) cache.delete(eldest.value);
  }
  cache.set(key, prepared);
  return prepared;
}

function compile(text: string, grammar: Grammar, names: Names): Prepared {
  const syntax = parse(text, grammar, names);
  if ('failure' in syntax) return syntax;
  try {
    return { code: compileNode(syntax.tree.topNode, text), backtracks: mentionsPatterns(syntax.tree, text) };
  } catch (error) {
    if (error instanceof Meaningless) return { failure: { message: `${error.message} in ${quote(text)}` } };
    // A tree deeper than the stack: nesting without brackets.
    if (error instanceof RangeError)
      return { failure: { message: `could not read ${quote(text)}: ${messageOf(error)}` } };
    throw error;
  }
}

/** Even without a call: a function may be passed on by its name. */
function mentionsPatterns(tree: SyntaxTree, text: string): boolean {
  let found = false;
  tree.iterate({
    enter(node) {
      if (node.name === 'VariableName') found ||= backtracking.has(text.slice(node.from, node.to));
      return !found;
    },
  });
  return found;
}
