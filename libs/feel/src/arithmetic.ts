import { FeelDate, FeelDateTime, FeelDuration, FeelTime } from 'feelin';
import * as decimal from './decimal.ts';
import type { Run } from './run.ts';
import * as temporal from './temporal.ts';
import { isYearsMonths } from './values.ts';

export type Operator = '+' | '-' | '*' | '/' | '**' | '^';

type Instant = FeelDate | FeelTime | FeelDateTime;

function isInstant(value: unknown): value is Instant {
  return value instanceof FeelDate || value instanceof FeelTime || value instanceof FeelDateTime;
}

/** Undefined when the operator has no meaning for these two (DMN 1.5, 10.3.2.13). */
export function calculate(operator: Operator, a: unknown, b: unknown, run: Run): unknown {
  if (typeof a === 'number' && typeof b === 'number') return ofNumbers(operator, a, b);
  switch (operator) {
    case '+':
      return plus(a, b, run);
    case '-':
      return minus(a, b);
    case '*':
      if (a instanceof FeelDuration && typeof b === 'number') return temporal.scale(a, (amount) => amount * b);
      if (b instanceof FeelDuration && typeof a === 'number') return temporal.scale(b, (amount) => amount * a);
      return undefined;
    case '/':
      return a instanceof FeelDuration ? divideDuration(a, b) : undefined;
    default:
      return undefined;
  }
}

/** A negated number or duration. */
export function negative(value: unknown): unknown {
  if (typeof value === 'number') return value === 0 ? 0 : -value;
  return value instanceof FeelDuration ? temporal.negate(value) : undefined;
}

function ofNumbers(operator: Operator, a: number, b: number): number | undefined {
  switch (operator) {
    case '+':
      return decimal.add(a, b);
    case '-':
      return decimal.subtract(a, b);
    case '*':
      return decimal.multiply(a, b);
    case '/':
      return b === 0 ? undefined : decimal.divide(a, b);
    default:
      return decimal.power(a, b);
  }
}

function plus(a: unknown, b: unknown, run: Run): unknown {
  if (typeof a === 'string' && typeof b === 'string') {
    run.spendText(a.length + b.length);
    return a + b;
  }
  if (isInstant(a) && b instanceof FeelDuration) return temporal.addToInstant(a, b);
  if (a instanceof FeelDuration && isInstant(b)) return temporal.addToInstant(b, a);
  return a instanceof FeelDuration && b instanceof FeelDuration ? temporal.addDurations(a, b) : undefined;
}

function minus(a: unknown, b: unknown): unknown {
  if (isInstant(a) && isInstant(b)) return temporal.between(a, b);
  if (!(b instanceof FeelDuration)) return undefined;
  if (isInstant(a)) return temporal.addToInstant(a, temporal.negate(b));
  return a instanceof FeelDuration ? temporal.addDurations(a, temporal.negate(b)) : undefined;
}

function divideDuration(a: FeelDuration, b: unknown): unknown {
  if (typeof b === 'number') return b === 0 ? undefined : temporal.scale(a, (amount) => amount / b);
  if (!(b instanceof FeelDuration) || isYearsMonths(a) !== isYearsMonths(b)) return undefined;
  const [x, y] = isYearsMonths(a)
    ? [temporal.monthsOf(a), temporal.monthsOf(b)]
    : [Number(temporal.nanosecondsOf(a)), Number(temporal.nanosecondsOf(b))];
  return y === 0 ? undefined : x / y;
}
