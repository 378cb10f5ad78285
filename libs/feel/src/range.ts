import { FeelRange } from 'feelin';
import { compare } from './comparison.ts';
import { kindOf } from './values.ts';

/** An end that is null is open: `> 5` has no end. */
export interface Ends {
  readonly start: unknown;
  readonly end: unknown;
  readonly startIncluded: boolean;
  readonly endIncluded: boolean;
}

const ordered: ReadonlySet<string> = new Set([
  'number',
  'string',
  'date',
  'time',
  'date and time',
  'years and months duration',
  'days and time duration',
]);

/** Undefined when the ends are of different kinds, of one that has no order, or the wrong way round. */
export function makeRange({ start, end, startIncluded, endIncluded }: Ends): FeelRange | undefined {
  const kind = kindOf(start ?? end);
  if (!ordered.has(kind)) return undefined;
  if (start !== null && end !== null && (kindOf(end) !== kind || (compare(start, end) ?? 0) > 0)) return undefined;
  return new FeelRange({
    start,
    end,
    'start included': startIncluded,
    'end included': endIncluded,
    valueType: kind,
  });
}

/** Ranges that a comparison made (`> 5`). */
const ofComparison = new WeakSet<FeelRange>();

export function isOfComparison(range: FeelRange): boolean {
  return ofComparison.has(range);
}

/** The range of what passes a comparison: `> 5`. */
export function makeComparisonRange(ends: Ends): FeelRange | undefined {
  const range = makeRange(ends);
  if (range !== undefined) ofComparison.add(range);
  return range;
}

/** Null when the value has no order with the ends. */
export function includes(range: FeelRange, value: unknown): boolean | null {
  const { start, end } = range;
  const fromStart = start === null ? 1 : compare(value, start);
  const toEnd = end === null ? 1 : compare(end, value);
  if (fromStart === null || toEnd === null) return null;
  const isBehindStart = start === null || fromStart > 0 || (fromStart === 0 && range['start included']);
  return isBehindStart && (end === null || toEnd > 0 || (toEnd === 0 && range['end included']));
}
