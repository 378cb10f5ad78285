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

/** Undefined when the ends are of different kinds, or of one that has no order. */
export function makeRange({ start, end, startIncluded, endIncluded }: Ends): FeelRange | undefined {
  const kind = kindOf(start ?? end);
  if (!ordered.has(kind)) return undefined;
  if (start !== null && end !== null && kindOf(end) !== kind) return undefined;
  return new FeelRange({
    start,
    end,
    'start included': startIncluded,
    'end included': endIncluded,
    valueType: kind,
  });
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
