import { FeelFunction, type FeelDateTime, evaluate as interpret, toFeel } from 'feelin';
import { messageOf } from '@millrace/std';
import type { Failure, Warning } from './failure.ts';
import { type JsonValue, NotJson, toJson } from './json.ts';
import { type Compiled, type Context, UNDECIDED, compile } from './subset.ts';
import { parse, quote } from './syntax.ts';
import { EVALUATION_MS_MAX, OutOfTime, mayLoop, withinTime } from './watchdog.ts';

/**
 * F1. Evaluating never throws and never reads a clock: what goes wrong is a value, the time is passed in.
 * F2. The result is JSON and shares nothing with the context: who keeps it cannot change a variable by accident.
 * F3. Whatever the expression, it ends: length, nesting and time are bounded.
 */
export type Evaluation =
  | { readonly value: JsonValue; readonly warnings: readonly Warning[] }
  | { readonly failure: Failure };

export interface Step {
  /** What `now()` and `today()` answer (in UTC), in ms since the epoch. */
  readonly now: number;
}

/** Evaluates a FEEL text (without the leading `=`) over JSON variables. */
export function evaluate(expression: string, context: Context, step: Step): Evaluation {
  const prepared = prepare(expression);
  if ('failure' in prepared) return prepared;
  try {
    const fast = prepared.compiled === undefined ? UNDECIDED : prepared.compiled(context);
    if (fast !== UNDECIDED) return { value: toJson(fast), warnings: [] };
    const work = (): Evaluation => run(expression, mentioned(prepared, context, step));
    return prepared.mayLoop ? withinTime(work) : work();
  } catch (error) {
    return { failure: explain(expression, error) };
  }
}

interface Prepared {
  readonly compiled: Compiled | undefined;
  readonly mayLoop: boolean;
  /** The text as names are looked for in it: feelin reads any white space within a name as one space. */
  readonly searchable: string;
}

/** Deployments bring new expressions and never announce that old ones are gone: the eldest make room. */
const CACHED_MAX = 10_000;
const cache = new Map<string, Prepared | { readonly failure: Failure }>();

function prepare(expression: string): Prepared | { readonly failure: Failure } {
  const cached = cache.get(expression);
  if (cached !== undefined) return cached;
  const prepared = analyse(expression);
  if (cache.size >= CACHED_MAX) {
    const eldest = cache.keys().next();
    if (eldest.done !== true) cache.delete(eldest.value);
  }
  cache.set(expression, prepared);
  return prepared;
}

function analyse(expression: string): Prepared | { readonly failure: Failure } {
  const syntax = parse(expression);
  if ('failure' in syntax) return syntax;
  return {
    compiled: compile(syntax.tree, expression),
    mayLoop: mayLoop(syntax.tree, expression),
    searchable: expression.replaceAll(/\s+/g, ' '),
  };
}

/** feelin copies the whole context for each evaluation, so it gets only the variables whose names occur in the text. */
function mentioned({ searchable }: Prepared, context: Context, step: Step): Record<string, unknown> {
  const some: Record<string, unknown> = {};
  // feelin's own now() and today() read the machine's clock and time zone; variables hide built-in functions, so these
  // hide them, and a variable of the process hides these.
  if (searchable.includes('now')) some['now'] = new FeelFunction(() => utc(step.now), []);
  if (searchable.includes('today'))
    some['today'] = new FeelFunction(() => toFeel(utc(step.now).unwrap().toPlainDate()), []);
  for (const [name, value] of Object.entries(context)) {
    if (name !== '__proto__' && searchable.includes(name.replaceAll(/\s+/g, ' '))) some[name] = value;
  }
  return some;
}

function utc(now: number): FeelDateTime {
  return toFeel(new Date(now)) as FeelDateTime;
}

function run(expression: string, context: Record<string, unknown>): Evaluation {
  const { value, warnings } = interpret(expression, context);
  return {
    value: toJson(value),
    warnings: warnings.map(({ type, message }) => ({ kind: type, message })),
  };
}

function explain(expression: string, error: unknown): Failure {
  if (error instanceof OutOfTime) {
    return { message: `expected ${quote(expression)} to be evaluated within ${EVALUATION_MS_MAX} ms` };
  }
  if (error instanceof NotJson) return { message: `${error.message}, evaluating ${quote(expression)}` };
  return { message: `could not evaluate ${quote(expression)}: ${messageOf(error)}` };
}
