import { FeelDuration } from 'feelin';
import { compare, equals } from '../comparison.ts';
import { add, divide, multiply } from '../decimal.ts';
import type { FunctionValue } from '../function-value.ts';
import type { Run } from '../run.ts';
import { addDurations, scale } from '../temporal.ts';
import { isList } from '../values.ts';
import { any, builtin, func, list, number, optional, overItems, signature, truncated, variadic } from './define.ts';

export const listFunctions = [
  builtin(
    'list contains',
    signature('list, element', [list, any], ([items, element], run) => {
      run.spend(items.length);
      return items.some((item) => equals(item, element, run) === true);
    }),
  ),
  builtin(
    'count',
    overList((items) => items.length),
  ),
  builtin(
    'min',
    overItems('list', (items, run) => extreme(items, -1, run)),
  ),
  builtin(
    'max',
    overItems('list', (items, run) => extreme(items, 1, run)),
  ),
  builtin(
    'sum',
    overItems('list', (items, run) => (items.length === 0 ? null : sum(items, run))),
  ),
  builtin(
    'mean',
    overItems('list', (items, run) => (items.length === 0 ? null : mean(items, run))),
  ),
  builtin(
    'product',
    overItems('list', (items, run) => numbersIn(items, run)?.reduce(multiply)),
  ),
  builtin(
    'median',
    overItems('list', (items, run) => median(numbersIn(items, run))),
  ),
  builtin(
    'stddev',
    overItems('list', (items, run) => deviation(numbersIn(items, run))),
  ),
  builtin(
    'mode',
    overItems('list', (items, run) => (items.length === 0 ? [] : modes(numbersIn(items, run)))),
  ),
  builtin(
    'all',
    overItems('list', (items, run) => quantify(items, false, run)),
  ),
  builtin(
    'any',
    overItems('list', (items, run) => quantify(items, true, run)),
  ),
  // Their names before DMN 1.2.
  builtin(
    'and',
    overItems('list', (items, run) => quantify(items, false, run)),
  ),
  builtin(
    'or',
    overItems('list', (items, run) => quantify(items, true, run)),
  ),
  builtin(
    'sublist',
    signature('list, start position, length', [list, truncated, optional(truncated)], ([items, start, length], run) => {
      run.spend(items.length);
      const from = start > 0 ? start - 1 : items.length + start;
      if (start === 0 || from < 0 || from >= Math.max(items.length, 1) || (length !== undefined && length < 0))
        return undefined;
      return items.slice(from, length === undefined ? undefined : from + length);
    }),
  ),
  builtin(
    'append',
    variadic('list, item', [list], ([items], more, run) => {
      run.spend(items.length + more.length);
      return [...items, ...more];
    }),
  ),
  builtin(
    'concatenate',
    overLists((lists) => lists.flat()),
  ),
  builtin(
    'union',
    overLists((lists, run) => distinct(lists.flat(), run)),
  ),
  builtin(
    'distinct values',
    overList((items, run) => distinct(items, run)),
  ),
  builtin(
    'duplicate values',
    overList((items, run) => duplicates(items, run)),
  ),
  builtin(
    'flatten',
    overList((items, run) => flatten(items, run)),
  ),
  builtin(
    'reverse',
    overList((items) => items.toReversed()),
  ),
  builtin(
    'is empty',
    overList((items) => items.length === 0),
  ),
  builtin(
    'insert before',
    signature('list, position, newItem', [list, truncated, any], ([items, position, item], run) => {
      const at = indexIn(items, position);
      run.spend(items.length);
      return at === undefined ? undefined : items.toSpliced(at, 0, item);
    }),
  ),
  builtin(
    'remove',
    signature('list, position', [list, truncated], ([items, position], run) => {
      const at = indexIn(items, position);
      run.spend(items.length);
      return at === undefined ? undefined : items.toSpliced(at, 1);
    }),
  ),
  builtin(
    'list replace',
    signature('list, position, newItem', [list, truncated, any], ([items, position, item], run) => {
      const at = indexIn(items, position);
      run.spend(items.length);
      return at === undefined ? undefined : items.with(at, item);
    }),
    signature('list, match, newItem', [list, func, any], ([items, match, item], run) => {
      run.spend(items.length);
      const verdicts = items.map((old) => match.call([old, item], run));
      if (!verdicts.every((verdict) => typeof verdict === 'boolean')) return undefined;
      return items.map((old, index) => (verdicts[index] === true ? item : old));
    }),
  ),
  builtin(
    'index of',
    signature('list, match', [list, any], ([items, match], run) => {
      run.spend(items.length);
      return items.flatMap((item, index) => (equals(item, match, run) === true ? [index + 1] : []));
    }),
  ),
  builtin(
    'sort',
    signature('list, precedes', [list, func], ([items, precedes], run) => sorted(items, precedes, run)),
  ),
  builtin(
    'partition',
    signature('list, size', [list, number], ([items, size], run) => {
      if (!Number.isInteger(size) || size < 1) return undefined;
      run.spend(items.length);
      return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));
    }),
  ),
];

/** Over a list, paid for by its length. */
function overList(body: (items: readonly unknown[], run: Run) => unknown): ReturnType<typeof signature> {
  return signature('list', [list], ([items], run) => {
    run.spend(items.length);
    return body(items, run);
  });
}

/** Over any number of lists; a single value is a list of one. */
function overLists(body: (lists: readonly (readonly unknown[])[], run: Run) => unknown): ReturnType<typeof signature> {
  return variadic('list', [], (_, lists, run) => {
    if (lists.length === 0 || lists.includes(null)) return undefined;
    const all = lists.map((one) => (isList(one) ? one : [one]));
    run.spend(all.reduce((total, { length }) => total + length, 0));
    return body(all, run);
  });
}

/** From 0; undefined for a position outside. */
function indexIn(items: readonly unknown[], position: number): number | undefined {
  const at = position > 0 ? position - 1 : items.length + position;
  return position === 0 || at < 0 || at >= items.length ? undefined : at;
}

/** Undefined when there is something that is no number. */
function numbersIn(items: readonly unknown[], run: Run): number[] | undefined {
  run.spend(items.length);
  return items.length > 0 && items.every((item) => typeof item === 'number') ? [...items] : undefined;
}

function extreme(items: readonly unknown[], wanted: -1 | 1, run: Run): unknown {
  run.spend(items.length);
  let best = items[0];
  for (const item of items) {
    const order = compare(item, best);
    if (order === null) return items.length === 0 ? null : undefined;
    if (Math.sign(order) === wanted) best = item;
  }
  return best ?? null;
}

function sum(items: readonly unknown[], run: Run): unknown {
  const numbers = numbersIn(items, run);
  if (numbers !== undefined) return numbers.reduce(add);
  if (!items.every((item) => item instanceof FeelDuration)) return undefined;
  return items.reduce<FeelDuration | undefined>(
    (total, item, index) => (index === 0 ? item : total === undefined ? undefined : addDurations(total, item)),
    undefined,
  );
}

function mean(items: readonly unknown[], run: Run): unknown {
  const total = sum(items, run);
  if (total instanceof FeelDuration) return scale(total, (amount) => amount / items.length);
  return typeof total === 'number' ? divide(total, items.length) : undefined;
}

function median(numbers: number[] | undefined): number | undefined {
  if (numbers === undefined) return undefined;
  const ordered = numbers.toSorted((a, b) => a - b);
  const middle = Math.floor(ordered.length / 2);
  const upper = ordered[middle] as number;
  return ordered.length % 2 === 1 ? upper : divide(add(ordered[middle - 1] as number, upper), 2);
}

/** Of a sample: divided by n - 1. */
function deviation(numbers: number[] | undefined): number | undefined {
  if (numbers === undefined || numbers.length < 2) return undefined;
  const middle = numbers.reduce(add) / numbers.length;
  const squares = numbers.reduce((total, n) => total + (n - middle) ** 2, 0);
  return Math.sqrt(squares / (numbers.length - 1));
}

function modes(numbers: number[] | undefined): number[] | undefined {
  if (numbers === undefined) return undefined;
  const counts = new Map<number, number>();
  for (const n of numbers) counts.set(n, (counts.get(n) ?? 0) + 1);
  const most = Math.max(...counts.values());
  return [...counts].flatMap(([n, count]) => (count === most ? [n] : [])).sort((a, b) => a - b);
}

/** `decisive` decides the whole; anything that is neither true nor false makes it unknown. */
function quantify(items: readonly unknown[], decisive: boolean, run: Run): boolean | null {
  run.spend(items.length);
  if (items.includes(decisive)) return decisive;
  return items.every((item) => item === !decisive) ? !decisive : null;
}

/** Scalars by a set, everything else by comparing with all: the former are most, the latter cost what they cost. */
function distinct(items: readonly unknown[], run: Run): unknown[] {
  const seen = new Set<unknown>();
  const compound: unknown[] = [];
  return items.filter((item) => {
    if (item === null || typeof item !== 'object') {
      if (seen.has(item)) return false;
      seen.add(item);
      return true;
    }
    run.spend(compound.length);
    if (compound.some((other) => equals(item, other, run) === true)) return false;
    compound.push(item);
    return true;
  });
}

function duplicates(items: readonly unknown[], run: Run): unknown[] {
  const repeated = items.filter((item, index) => {
    run.spend(items.length);
    return items.some((other, at) => at !== index && equals(item, other, run) === true);
  });
  return distinct(repeated, run);
}

function flatten(items: readonly unknown[], run: Run): unknown[] {
  const flat: unknown[] = [];
  const visit = (list: readonly unknown[]): void => {
    run.spend(list.length);
    for (const item of list) {
      if (isList(item)) visit(item);
      else flat.push(item);
    }
  };
  visit(items);
  return flat;
}

/** Merging keeps what neither precedes in its order, and ends whatever the function answers. Undefined for an answer that is none. */
function sorted(items: readonly unknown[], precedes: FunctionValue, run: Run): unknown[] | undefined {
  run.spend(items.length);
  if (items.length < 2) return [...items];
  const middle = Math.floor(items.length / 2);
  const left = sorted(items.slice(0, middle), precedes, run);
  const right = sorted(items.slice(middle), precedes, run);
  if (left === undefined || right === undefined) return undefined;
  const merged: unknown[] = [];
  let [l, r] = [0, 0];
  while (l < left.length && r < right.length) {
    const isRightFirst = precedes.call([right[r], left[l]], run);
    if (typeof isRightFirst !== 'boolean') return undefined;
    merged.push(isRightFirst ? right[r++] : left[l++]);
  }
  return [...merged, ...left.slice(l), ...right.slice(r)];
}
