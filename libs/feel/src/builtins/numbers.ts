import type { FeelDuration } from 'feelin';
import { type Rounding, modulo, round } from '../decimal.ts';
import { negate, nanosecondsOf, monthsOf } from '../temporal.ts';
import { isYearsMonths } from '../values.ts';
import { builtin, duration, number, optional, signature, truncated } from './define.ts';

/** Digits behind the point that a decimal128 could have. */
const SCALE_MIN = -6111;
const SCALE_MAX = 6176;

function rounding(name: string, how: Rounding, isScaleNeeded: boolean): ReturnType<typeof builtin> {
  const scaled = (n: number, scale: number): number | undefined => {
    const rounded = scale < SCALE_MIN || scale > SCALE_MAX ? undefined : round(n, scale, how);
    // To hundreds of digits before the point: up is beyond what a double can be.
    return Number.isFinite(rounded) ? rounded : undefined;
  };
  return isScaleNeeded
    ? builtin(
        name,
        signature('n, scale', [number, truncated], ([n, scale]) => scaled(n, scale)),
      )
    : builtin(
        name,
        signature('n, scale', [number, optional(truncated)], ([n, scale]) => scaled(n, scale ?? 0)),
      );
}

export const numberFunctions = [
  rounding('decimal', 'half even', true),
  rounding('floor', 'floor', false),
  rounding('ceiling', 'ceiling', false),
  rounding('round up', 'up', true),
  rounding('round down', 'down', true),
  rounding('round half up', 'half up', true),
  rounding('round half down', 'half down', true),
  builtin(
    'abs',
    signature('n', [number], ([n]) => Math.abs(n)),
    signature('n', [duration], ([n]) => (isNegative(n) ? negate(n) : n)),
  ),
  builtin(
    'modulo',
    signature('dividend, divisor', [number, number], ([dividend, divisor]) =>
      divisor === 0 ? undefined : modulo(dividend, divisor),
    ),
  ),
  builtin(
    'sqrt',
    signature('number', [number], ([n]) => (n < 0 ? undefined : Math.sqrt(n))),
  ),
  builtin(
    'log',
    signature('number', [number], ([n]) => (n <= 0 ? undefined : Math.log(n))),
  ),
  builtin(
    'exp',
    signature('number', [number], ([n]) => Math.exp(n)),
  ),
  builtin(
    'odd',
    signature('number', [number], ([n]) => (Number.isInteger(n) ? Math.abs(n) % 2 === 1 : undefined)),
  ),
  builtin(
    'even',
    signature('number', [number], ([n]) => (Number.isInteger(n) ? n % 2 === 0 : undefined)),
  ),
];

function isNegative(value: FeelDuration): boolean {
  return isYearsMonths(value) ? monthsOf(value) < 0 : nanosecondsOf(value) < 0n;
}
