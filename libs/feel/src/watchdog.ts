import { Script } from 'node:vm';
import type { SyntaxTree } from './syntax.ts';

/**
 * An expression that loops can run for ever (`for i in 1..1000000000 …`, a regular expression that backtracks), and would stop
 * every instance of its partition with it. JavaScript can only be interrupted from within `node:vm`, whose watchdog thread
 * costs 0.2 ms per call: so only what may loop runs under it.
 *
 * The limit is wall time, hence not deterministic. That is sound because nothing is decided twice: what counts is the
 * event that the first decision wrote.
 */
export const EVALUATION_MS_MAX = 200;

export class OutOfTime extends Error {}

/** A script takes no arguments: what it shall call waits for it under this symbol. */
const WORK = Symbol.for('millrace.feel.work');
const callWork = new Script(`globalThis[Symbol.for('millrace.feel.work')]()`);
const world = globalThis as { [WORK]?: unknown };

export function withinTime<T>(work: () => T): T {
  world[WORK] = work;
  try {
    return callWork.runInThisContext({ timeout: EVALUATION_MS_MAX }) as T;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw new OutOfTime();
    throw error;
  } finally {
    delete world[WORK];
  }
}

/** Whether the time it takes is not bounded by the size of the expression and its variables. */
export function mayLoop(tree: SyntaxTree, text: string): boolean {
  let found = false;
  tree.iterate({
    enter(node) {
      if (loops.has(node.name)) found = true;
      if (node.name === 'FunctionInvocation') found ||= !linearFunctions.has(calledName(node.node.firstChild, text));
      return !found;
    },
  });
  return found;
}

const loops: ReadonlySet<string> = new Set([
  'ForExpression',
  'QuantifiedExpression',
  'FilterExpression',
  'FunctionDefinition',
]);

/** Built-in functions that read each of their arguments once. Those left out compare all with all, or match patterns. */
const linearFunctions: ReadonlySet<string> = new Set(
  `now, today, date, time, date and time, duration, years and months duration, not, is, number, string, string length,
  upper case, lower case, contains, starts with, ends with, substring, substring before, substring after, count, sum, min,
  max, mean, append, decimal, floor, ceiling, abs, round up, round down, round half up, round half down, modulo, sqrt, log,
  exp, odd, even, get value, get entries, context, context put, context merge`.split(/,\s+/),
);

function calledName(node: { from: number; to: number } | null, text: string): string {
  return node === null ? '' : text.slice(node.from, node.to).replaceAll(/\s+/g, ' ');
}
