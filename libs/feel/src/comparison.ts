import type { FeelDate, FeelDateTime, FeelDuration, FeelRange, FeelTime } from 'feelin';
import type { Run } from './run.ts';
import { isOfComparison } from './range.ts';
import { instantOf, isZoned, monthsOf, nanosecondsOf } from './temporal.ts';
import { type FeelContext, kindOf } from './values.ts';

/**
 * Whether two values are equal; null when they are of different kinds, so that nobody can say. Null equals null alone.
 * (DMN 1.5, 10.3.2.13.)
 */
export function equals(a: unknown, b: unknown, run: Run): boolean | null {
  const kind = kindOf(a);
  const other = kindOf(b);
  if (kind === 'null' || other === 'null') return kind === other;
  if (kind !== other) return null;
  switch (kind) {
    case 'list':
      return listsEqual(a as unknown[], b as unknown[], run);
    case 'context':
      return contextsEqual(a as FeelContext, b as FeelContext, run);
    case 'range':
      return rangesEqual(a as FeelRange, b as FeelRange, run);
    case 'date':
    case 'time':
    case 'date and time': {
      const [x, y] = [a, b] as [FeelDate | FeelTime | FeelDateTime, FeelDate | FeelTime | FeelDateTime];
      return isZoned(x) === isZoned(y) && millisecondOf(x) === millisecondOf(y);
    }
    case 'years and months duration':
      return monthsOf(a as FeelDuration) === monthsOf(b as FeelDuration);
    case 'days and time duration':
      return nanosecondsOf(a as FeelDuration) === nanosecondsOf(b as FeelDuration);
    case 'function':
    case 'unknown':
      return a === b ? true : null;
    default:
      return a === b;
  }
}

/** Times are told apart by the millisecond, as the TCK has it. */
function millisecondOf(value: FeelDate | FeelTime | FeelDateTime): bigint {
  return instantOf(value) / 1_000_000n;
}

function listsEqual(a: readonly unknown[], b: readonly unknown[], run: Run): boolean {
  run.spend(Math.min(a.length, b.length));
  return a.length === b.length && a.every((item, index) => equals(item, b[index], run) === true);
}

function contextsEqual(a: FeelContext, b: FeelContext, run: Run): boolean {
  const names = Object.keys(a);
  run.spend(names.length);
  if (names.length !== Object.keys(b).length) return false;
  return names.every((name) => Object.hasOwn(b, name) && equals(a[name], b[name], run) === true);
}

function rangesEqual(a: FeelRange, b: FeelRange, run: Run): boolean {
  if (a['start included'] !== b['start included'] || a['end included'] !== b['end included']) return false;
  // `(< 10)` is not `(null..10)`, though it has the same values.
  if (isOfComparison(a) !== isOfComparison(b)) return false;
  return equals(a.start, b.start, run) === true && equals(a.end, b.end, run) === true;
}

/** Less than zero, zero or more when `a` is before, like or after `b`; null when they have no order. */
export function compare(a: unknown, b: unknown): number | null {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0;
  const kind = kindOf(a);
  if (kind !== kindOf(b)) return null;
  switch (kind) {
    case 'date':
    case 'time':
    case 'date and time': {
      const [x, y] = [a, b] as [FeelDate | FeelTime | FeelDateTime, FeelDate | FeelTime | FeelDateTime];
      return isZoned(x) === isZoned(y) ? sign(millisecondOf(x), millisecondOf(y)) : null;
    }
    case 'years and months duration':
      return monthsOf(a as FeelDuration) - monthsOf(b as FeelDuration);
    case 'days and time duration':
      return sign(nanosecondsOf(a as FeelDuration), nanosecondsOf(b as FeelDuration));
    default:
      return null;
  }
}

function sign(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export type Order = '<' | '<=' | '>' | '>=';

export function inOrder(order: Order, a: unknown, b: unknown): boolean | null {
  const difference = compare(a, b);
  if (difference === null || Number.isNaN(difference)) return null;
  switch (order) {
    case '<':
      return difference < 0;
    case '<=':
      return difference <= 0;
    case '>':
      return difference > 0;
    default:
      return difference >= 0;
  }
}
