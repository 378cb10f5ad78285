import { messageOf } from '@millrace/std';
import type { Failure, Warning } from './failure.ts';
import { type JsonValue, NotJson, toJson } from './json.ts';
import { type Program, prepare } from './program.ts';
import { Ended, Run, TooMuch } from './run.ts';
import { type Names, Scope } from './scope.ts';
import { show } from './show.ts';
import { type Grammar, quote } from './syntax.ts';
import { type FeelContext, isSimpleName } from './values.ts';
import { EVALUATION_MS_MAX, OutOfTime, withinTime } from './watchdog.ts';

/**
 * F1. Evaluating never throws and never reads a clock: what goes wrong is a value, the time is passed in.
 * F2. The result is JSON and shares nothing with the context: who keeps it cannot change a variable by accident.
 * F3. Whatever the expression, it ends: length, nesting, steps, size and, for patterns, time are bounded.
 */
export type Evaluation =
  | { readonly value: JsonValue; readonly warnings: readonly Warning[] }
  | { readonly failure: Failure };

export interface Step {
  /** What `now()` and `today()` answer (in UTC), in ms since the epoch. */
  readonly now: number;
}

/** Evaluates a FEEL text (without the leading `=`) over JSON variables. */
export function evaluate(expression: string, context: FeelContext, step: Step): Evaluation {
  const run = new Run(step.now);
  const result = evaluateIn(expression, 'expression', new Scope(context), namesFor(expression, context), run);
  if ('failure' in result) return explained(result, expression, context);
  try {
    return { value: toJson(result.value), warnings: run.warnings };
  } catch (error) {
    return explained({ failure: explain(expression, error) }, expression, context);
  }
}

/** Whether a value passes the unary tests of a text, as `> 700`, `"gold", "silver"` or `-`. Null counts as not passing. */
export function evaluateTests(
  tests: string,
  value: unknown,
  context: FeelContext,
  step: Step,
): { readonly passes: boolean; readonly warnings: readonly Warning[] } | { readonly failure: Failure } {
  const run = new Run(step.now);
  const scope = new Scope(context).within({ '?': value ?? null });
  const result = evaluateIn(tests, 'unaryTests', scope, namesFor(tests, context), run);
  if ('failure' in result) return explained(result, tests, context);
  return { passes: result.value === true, warnings: run.warnings };
}

/** `isBound`: it was ended, and so must be what it is a part of. Otherwise the text itself is at fault. */
export type Outcome = { readonly value: unknown } | { readonly failure: Failure; readonly isBound: boolean };

/** The value as FEEL has it: dates are dates, functions can be called. For those who go on computing with it. */
export function evaluateIn(text: string, grammar: Grammar, scope: Scope, names: Names, run: Run): Outcome {
  const program = prepare(text, grammar, names);
  if ('failure' in program) return { ...program, isBound: false };
  try {
    return { value: execute(program, scope, run) };
  } catch (error) {
    if (error instanceof Ended) throw error;
    return { failure: explain(text, error), isBound: true };
  }
}

function execute({ code, backtracks }: Program, scope: Scope, run: Run): unknown {
  return backtracks ? withinTime(() => code(scope, run)) : code(scope, run);
}

const NO_NAMES: Names = { key: '', shape: {} };
/** Two words, or a word and an operator that names may contain: only such a text can speak of a name of several words. */
const COMPOUND = /[\p{L}\p{N}_][\s./\-'+*]+[\p{L}\p{N}_]/u;
/** Names within a variable matter only where the text goes into one. */
const INTO = /[.[]|\bin\b/;

/** Looks only at variables that the text mentions: looking through all of them would cost more than evaluating. */
function namesFor(text: string, context: FeelContext): Names {
  if (!COMPOUND.test(text)) return NO_NAMES;
  const goesInto = INTO.test(text);
  const spaced = text.replaceAll(/\s+/g, ' ');
  const mentioned: Record<string, unknown> = {};
  for (const name of Object.keys(context)) {
    if (isSimpleName(name)) {
      if (goesInto && text.includes(name) && name !== '__proto__') mentioned[name] = context[name];
    } else if (mentions(spaced, name)) {
      mentioned[name] = goesInto ? context[name] : null;
    }
  }
  return new Scope(mentioned).names;
}

/** By its first word: how white space is written around its operators does not matter. */
function mentions(text: string, name: string): boolean {
  return text.includes(/^[^\s./\-'+*]*/.exec(name)?.[0] ?? name);
}

function explain(text: string, error: unknown): Failure {
  if (error instanceof OutOfTime) {
    return { message: `expected ${quote(text)} to be evaluated within ${EVALUATION_MS_MAX} ms` };
  }
  if (error instanceof NotJson || error instanceof TooMuch) {
    return { message: `${error.message}, evaluating ${quote(text)}` };
  }
  return { message: `could not evaluate ${quote(text)}: ${messageOf(error)}` };
}

function explained(
  { failure }: { readonly failure: Failure },
  text: string,
  context: FeelContext,
): Evaluation & { failure: Failure } {
  // What cannot be read has not seen anything.
  const seen = failure.position === undefined ? seenVariables(text, context) : '';
  return { failure: seen === '' ? failure : { ...failure, message: `${failure.message}; it saw ${seen}` } };
}

const SEEN_MAX = 8;

/** The variables a text mentions, with their values, in a line: `score = 710, customer = a context`. Empty when there are none. */
export function seenVariables(text: string, context: FeelContext): string {
  const names = Object.keys(context).filter((name) => wordIn(text, name));
  const shown = names.slice(0, SEEN_MAX).map((name) => `${name.slice(0, 40)} = ${show(context[name])}`);
  return names.length > SEEN_MAX ? `${shown.join(', ')} and ${names.length - SEEN_MAX} more` : shown.join(', ');
}

function wordIn(text: string, name: string): boolean {
  if (name === '') return false;
  for (let at = text.indexOf(name); at !== -1; at = text.indexOf(name, at + 1)) {
    if (!/[\p{L}\p{N}_]/u.test((text[at - 1] ?? '') + (text[at + name.length] ?? ''))) return true;
  }
  return false;
}
