import { FeelRange } from 'feelin';
import { compare } from '../comparison.ts';
import { makeRange } from '../range.ts';
import { literalRange } from './range-text.ts';
import { type Parameter, builtin, range, signature, text } from './define.ts';

/** Points and ranges in time, or in any order (DMN 1.5, 10.3.4.9). Null when the ends have no order with each other. */
type Ends = Pick<FeelRange, 'start' | 'end' | 'start included' | 'end included'>;

/** `names`: its ways to call it, which differ in the names alone. */
function pointOrRange(
  name: string,
  names: readonly string[],
  relate: (a: Ends, b: Ends) => boolean | null,
): ReturnType<typeof builtin> {
  return builtin(name, ...names.map((one) => signature(one, [place, place], ([a, b]) => relate(a, b))));
}

function twoRanges(name: string, relate: (a: Ends, b: Ends) => boolean | null): ReturnType<typeof builtin> {
  return builtin(
    name,
    signature('range1, range2', [range, range], ([a, b]) => relate(a, b)),
  );
}

/** A range, or a point, which is the range of itself. */
const place: Parameter<Ends> = {
  read(value) {
    if (value === null) return undefined;
    if (value instanceof FeelRange) return value;
    return { start: value, end: value, 'start included': true, 'end included': true };
  },
};

/** -1, 0 or 1; an open end lies behind everything. */
function endOrder(a: Ends, b: Ends): number | null {
  if (a.end === null || b.end === null) return a.end === b.end ? 0 : a.end === null ? 1 : -1;
  const order = compare(a.end, b.end);
  if (order !== 0) return order === null ? null : Math.sign(order);
  return Number(a['end included']) - Number(b['end included']);
}

/** -1, 0 or 1; an open start lies before everything. */
function startOrder(a: Ends, b: Ends): number | null {
  if (a.start === null || b.start === null) return a.start === b.start ? 0 : a.start === null ? -1 : 1;
  const order = compare(a.start, b.start);
  if (order !== 0) return order === null ? null : Math.sign(order);
  return Number(b['start included']) - Number(a['start included']);
}

/** Whether all of `a` lies before all of `b`. */
function isBefore(a: Ends, b: Ends): boolean | null {
  if (a.end === null || b.start === null) return false;
  const order = compare(a.end, b.start);
  if (order === null) return null;
  return order < 0 || (order === 0 && !(a['end included'] && b['start included']));
}

function both(...verdicts: readonly (boolean | null)[]): boolean | null {
  if (verdicts.includes(false)) return false;
  return verdicts.includes(null) ? null : true;
}

function meets(a: Ends, b: Ends): boolean | null {
  if (a.end === null || b.start === null) return false;
  const order = compare(a.end, b.start);
  return order === null ? null : order === 0 && a['end included'] && b['start included'];
}

function isWithin(a: Ends, b: Ends): boolean | null {
  return both(atLeast(startOrder(a, b), 0), atMost(endOrder(a, b), 0));
}

function overlap(a: Ends, b: Ends): boolean | null {
  return both(not(isBefore(a, b)), not(isBefore(b, a)));
}

const not = (verdict: boolean | null): boolean | null => (verdict === null ? null : !verdict);
const atLeast = (order: number | null, least: number): boolean | null => (order === null ? null : order >= least);
const atMost = (order: number | null, most: number): boolean | null => (order === null ? null : order <= most);
const equal = (order: number | null): boolean | null => (order === null ? null : order === 0);

function overlapsBefore(a: Ends, b: Ends): boolean | null {
  return both(atMost(startOrder(a, b), -1), overlap(a, b), atMost(endOrder(a, b), 0));
}

const ofAny = ['point1, point2', 'point, range', 'range, point', 'range1, range2'];

export const rangeFunctions = [
  pointOrRange('before', ofAny, isBefore),
  pointOrRange('after', ofAny, (a, b) => isBefore(b, a)),
  twoRanges('meets', meets),
  twoRanges('met by', (a, b) => meets(b, a)),
  twoRanges('overlaps', overlap),
  twoRanges('overlaps before', overlapsBefore),
  twoRanges('overlaps after', (a, b) => both(atMost(startOrder(b, a), -1), overlap(a, b), atMost(endOrder(b, a), 0))),
  pointOrRange('finishes', ['point, range', 'range1, range2'], (a, b) =>
    both(equal(endOrder(a, b)), atLeast(startOrder(a, b), 0)),
  ),
  pointOrRange('finished by', ['range, point', 'range1, range2'], (a, b) =>
    both(equal(endOrder(a, b)), atMost(startOrder(a, b), 0)),
  ),
  pointOrRange('includes', ['range, point', 'range1, range2'], (a, b) => isWithin(b, a)),
  pointOrRange('during', ['point, range', 'range1, range2'], isWithin),
  pointOrRange('starts', ['point, range', 'range1, range2'], (a, b) =>
    both(equal(startOrder(a, b)), atMost(endOrder(a, b), 0)),
  ),
  pointOrRange('started by', ['range, point', 'range1, range2'], (a, b) =>
    both(equal(startOrder(a, b)), atLeast(endOrder(a, b), 0)),
  ),
  pointOrRange('coincides', ['point1, point2', 'range1, range2'], (a, b) =>
    both(equal(startOrder(a, b)), equal(endOrder(a, b))),
  ),
  builtin(
    'range',
    signature('from', [text], ([from]) => parseRange(from)),
  ),
];

function parseRange(from: string): FeelRange | undefined {
  const parts = literalRange(from);
  return parts === undefined ? undefined : makeRange(parts);
}
