import { evaluate, parseTimer, seenVariables, type TimerSchedule } from '@millrace/feel';
import type { Expression, TimerKind } from '@millrace/bpmn';
import type { IncidentReason, Variables } from '@millrace/records';
import { CORRELATION_KEY_LENGTH_MAX, NAME_LENGTH_MAX } from '../limits.ts';
import { Failure } from './failure.ts';

/** Expressions of the model, evaluated to what their place needs; anything else is a failure of the process. */

export interface Surroundings {
  readonly variables: Variables;
  readonly now: number;
}

export function evaluateAny(expression: Expression, around: Surroundings, reason: IncidentReason): unknown {
  return expression.kind === 'literal' ? expression.value : evaluateFeel(expression.text, around, reason);
}

/** The value, or why there is none. FEEL itself answers null for most mistakes; what null means, the caller says. */
function evaluateFeel(text: string, { variables, now }: Surroundings, reason: IncidentReason): unknown {
  const result = evaluate(text, variables, { now });
  return 'failure' in result ? new Failure(reason, result.failure.message) : result.value;
}

/** `what` has the condition: `flow "f"`. */
export function evaluateCondition(text: string, around: Surroundings, what: string): boolean | Failure {
  const value = evaluateFeel(text, around, 'CONDITION_FAILED');
  if (typeof value === 'boolean' || value instanceof Failure) return value;
  const message = `expected the condition of ${what} (${text}) to be true or false, found ${found(value)}`;
  return new Failure('CONDITION_FAILED', message + hint(text, around));
}

export function evaluateText(expression: Expression, around: Surroundings, what: string): string | Failure {
  const value = evaluateAny(expression, around, 'EXPRESSION_FAILED');
  if (value instanceof Failure || (typeof value === 'string' && value !== '')) return value;
  return new Failure(
    'EXPRESSION_FAILED',
    `expected ${what} to be a text, found ${found(value)}` + hintOf(expression, around),
  );
}

/** Like a text, but null and the empty text mean that there is none. */
export function evaluateOptionalText(
  expression: Expression | undefined,
  around: Surroundings,
  what: string,
): string | undefined | Failure {
  if (expression === undefined) return undefined;
  const value = evaluateAny(expression, around, 'EXPRESSION_FAILED');
  if (value === null || value === '') return undefined;
  if (value instanceof Failure || typeof value === 'string') return value;
  return new Failure(
    'EXPRESSION_FAILED',
    `expected ${what} to be a text, found ${found(value)}` + hintOf(expression, around),
  );
}

/** A FEEL list of texts, or a literal list with commas between. */
export function evaluateTexts(
  expression: Expression | undefined,
  around: Surroundings,
  what: string,
): readonly string[] | Failure {
  if (expression === undefined) return [];
  const value = evaluateAny(expression, around, 'EXPRESSION_FAILED');
  if (value instanceof Failure) return value;
  if (value === null) return [];
  if (typeof value === 'string')
    return value
      .split(',')
      .map((text) => text.trim())
      .filter((text) => text !== '');
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  return new Failure(
    'EXPRESSION_FAILED',
    `expected ${what} to be a list of texts, found ${found(value)}` + hintOf(expression, around),
  );
}

export function evaluateCount(expression: Expression, around: Surroundings, what: string): number | Failure {
  const value = evaluateAny(expression, around, 'EXPRESSION_FAILED');
  if (value instanceof Failure) return value;
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  if (typeof number === 'number' && Number.isInteger(number) && number >= 0) return number;
  return new Failure(
    'EXPRESSION_FAILED',
    `expected ${what} to be a whole number, found ${found(value)}` + hintOf(expression, around),
  );
}

export function evaluateTimer(kind: TimerKind, expression: Expression, around: Surroundings): TimerSchedule | Failure {
  const text = evaluateAny(expression, around, 'TIMER_INVALID');
  if (text instanceof Failure) return text;
  if (typeof text !== 'string') {
    return new Failure(
      'TIMER_INVALID',
      `expected a ${kind} as ISO 8601 text, found ${found(text)}` + hintOf(expression, around),
    );
  }
  const reading = parseTimer(kind, text, around.now);
  return 'failure' in reading ? new Failure('TIMER_INVALID', reading.failure.message) : reading;
}

export function evaluateDuration(
  expression: Expression | undefined,
  around: Surroundings,
): number | undefined | Failure {
  if (expression === undefined) return undefined;
  const schedule = evaluateTimer('duration', expression, around);
  return schedule instanceof Failure ? schedule : Math.max(0, schedule.dueAt - Math.trunc(around.now));
}

/** Of a conditional event: what it asks about may not be there yet, and does not hold then. */
export function isTrue(text: string, around: Surroundings): boolean {
  return evaluateFeel(text, around, 'CONDITION_FAILED') === true;
}

/** Part of row keys, so it is bounded. */
export function evaluateSignalName(expression: Expression, around: Surroundings): string | Failure {
  const name = evaluateText(expression, around, 'the signal name');
  if (name instanceof Failure || name.length <= NAME_LENGTH_MAX) return name;
  const message = `expected a signal name of at most ${NAME_LENGTH_MAX} characters, found ${name.length}`;
  return new Failure('EXPRESSION_FAILED', message);
}

export function evaluateList(expression: Expression, around: Surroundings, what: string): readonly unknown[] | Failure {
  const value = evaluateAny(expression, around, 'EXPRESSION_FAILED');
  if (value instanceof Failure || Array.isArray(value)) return value;
  const message = `expected ${what} to be a list, found ${found(value)}`;
  return new Failure('EXPRESSION_FAILED', message + hintOf(expression, around));
}

/** Where a message is looked for: both words are parts of row keys, so both are bounded. */
export function evaluateChannel(
  trigger: { readonly name: Expression; readonly correlationKey: Expression },
  around: Surroundings,
): { readonly name: string; readonly correlationKey: string } | Failure {
  const name = evaluateText(trigger.name, around, 'the message name');
  if (name instanceof Failure) return name;
  if (name.length > NAME_LENGTH_MAX) {
    const message = `expected a message name of at most ${NAME_LENGTH_MAX} characters, found ${name.length}`;
    return new Failure('EXPRESSION_FAILED', message);
  }
  const value = evaluateAny(trigger.correlationKey, around, 'CORRELATION_KEY_INVALID');
  if (value instanceof Failure) return value;
  const correlationKey = typeof value === 'number' ? String(value) : value;
  if (typeof correlationKey === 'string' && correlationKey !== '') {
    if (correlationKey.length <= CORRELATION_KEY_LENGTH_MAX) return { name, correlationKey };
    const most = `at most ${CORRELATION_KEY_LENGTH_MAX} characters`;
    return new Failure(
      'CORRELATION_KEY_INVALID',
      `expected a correlation key of ${most}, found ${correlationKey.length}`,
    );
  }
  const message = `expected the correlation key of message "${name}" to be a text or a number, found ${found(value)}`;
  return new Failure('CORRELATION_KEY_INVALID', message + hintOf(trigger.correlationKey, around));
}

/** A value in a message: short, whatever it is. */
function found(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

function hintOf(expression: Expression, around: Surroundings): string {
  return expression.kind === 'feel' ? hint(expression.text, around) : '';
}

/**
 * FEEL's own word on why it came to null, where in the text, and what it saw, which is what a person needs to mend it. Evaluated again,
 * since it failed anyway.
 */
function hint(text: string, { variables, now }: Surroundings): string {
  const result = evaluate(text, variables, { now });
  const warning = 'failure' in result ? undefined : result.warnings[0];
  const where = warning?.position === undefined ? '' : `, at character ${warning.position.from + 1} of "${clip(text)}"`;
  const seen = seenVariables(text, variables);
  const parts = [
    ...(warning === undefined ? [] : [warning.message + where]),
    ...(seen === '' ? [] : [`it saw ${seen}`]),
  ];
  return parts.length === 0 ? '' : ` (${parts.join('; ')})`;
}

const SHOWN_MAX = 120;

function clip(text: string): string {
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text;
}
