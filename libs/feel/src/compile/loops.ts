import { FeelDate, FeelRange } from 'feelin';
import type { Run } from '../run.ts';
import type { Scope } from '../scope.ts';
import { show } from '../show.ts';
import type { SyntaxNode } from '../syntax.ts';
import { isList } from '../values.ts';
import { type Code, type Source, childAt, childrenOf, positionOf, sizeOf } from './code.ts';
import { nameOf } from './names.ts';

interface Iteration {
  readonly name: string;
  readonly items: (scope: Scope, run: Run) => Iterable<unknown> | null;
}

/** `for x in list, y in 1..x return x * y`: the last varies fastest. Inside, `partial` is what there is so far. */
export function compileFor(node: SyntaxNode, source: Source): Code {
  const parts = childrenOf(node);
  const iterations = compileIterations(childAt(parts, 1), source);
  const body = childAt(parts, 3);
  const each = source.compile(body);
  const cost = sizeOf(body);
  const usesPartial = /\bpartial\b/.test(source.text.slice(body.from, body.to));
  return (scope, run) => {
    const results: unknown[] = [];
    const isDone = iterate(iterations, scope, run, (inner) => {
      run.spend(cost);
      if (!usesPartial) return results.push(each(inner, run)) === 0;
      run.spend(results.length);
      return results.push(each(inner.within({ partial: [...results] }), run)) === 0;
    });
    return isDone === null ? null : results;
  };
}

/** True or false, or null when it depends on something that is neither (as `or` and `and` over all). */
export function compileQuantified(node: SyntaxNode, source: Source): Code {
  const parts = childrenOf(node);
  const decisive = childAt(parts, 0).name === 'some';
  const iterations = compileIterations(childAt(parts, 1), source);
  const condition = childAt(parts, 3);
  const test = source.compile(condition);
  const cost = sizeOf(condition);
  return (scope, run) => {
    let isUnknown = false;
    const isDecided = iterate(iterations, scope, run, (inner) => {
      run.spend(cost);
      const verdict = test(inner, run);
      if (typeof verdict !== 'boolean') isUnknown = true;
      return verdict === decisive;
    });
    if (isDecided === null) return null;
    if (isDecided) return decisive;
    return isUnknown ? null : !decisive;
  };
}

function compileIterations(node: SyntaxNode, source: Source): Iteration[] {
  return childrenOf(node)
    .filter(({ name }) => name === 'InExpression')
    .map((iteration) => {
      const [name, , domain] = childrenOf(iteration);
      return {
        name: nameOf(name as SyntaxNode, source),
        items: compileDomain(domain as SyntaxNode, source),
      };
    });
}

function compileDomain(node: SyntaxNode, source: Source): Iteration['items'] {
  const parts = childrenOf(node);
  const position = positionOf(node);
  const from = source.compile(childAt(parts, 0));
  if (parts.length < 3) {
    return (scope, run) => {
      const value = from(scope, run);
      const items = isList(value) ? value : value instanceof FeelRange ? itemsOf(value, run) : null;
      if (items !== null) return items;
      return run.warn(
        'NOT_ITERABLE',
        `Expected a list or a closed range to iterate over, found ${show(value)}`,
        position,
      );
    };
  }
  const to = source.compile(childAt(parts, 2));
  return (scope, run) => {
    const [start, end] = [from(scope, run), to(scope, run)];
    const items = steps(start, end, run);
    if (items !== null) return items;
    return run.warn('NOT_ITERABLE', `Can't iterate from ${show(start)} to ${show(end)}`, position);
  };
}

function itemsOf(range: FeelRange, run: Run): Iterable<unknown> | null {
  const { start, end } = range as { start: unknown; end: unknown };
  if (typeof start === 'number' && typeof end === 'number') {
    const first = range['start included'] ? Math.ceil(start) : Math.floor(start) + 1;
    const last = range['end included'] ? Math.floor(end) : Math.ceil(end) - 1;
    return first > last ? [] : steps(first, last, run);
  }
  const all = steps(start, end, run);
  return all === null ? null : within(all, range);
}

function* within(all: Iterable<unknown>, range: FeelRange): Iterable<unknown> {
  const { start, end } = range as { start: FeelDate; end: FeelDate };
  for (const day of all as Iterable<FeelDate>) {
    if (!range['start included'] && day.iso === start.iso) continue;
    if (!range['end included'] && day.iso === end.iso) continue;
    yield day;
  }
}

/** Both ends included, upwards or downwards: whole numbers, or days. Made one by one: `1..1000000000` takes no memory. */
function steps(from: unknown, to: unknown, run: Run): Iterable<unknown> | null {
  if (typeof from === 'number' && typeof to === 'number') return numbers(from, to, run);
  return from instanceof FeelDate && to instanceof FeelDate ? days(from, to, run) : null;
}

function* numbers(from: number, to: number, run: Run): Iterable<number> {
  const step = from > to ? -1 : 1;
  for (let at = from; step > 0 ? at <= to : at >= to; at += step) {
    run.spend(1);
    yield at;
  }
}

function* days(from: FeelDate, to: FeelDate, run: Run): Iterable<FeelDate> {
  const step = Temporal.PlainDate.compare(from.unwrap(), to.unwrap()) > 0 ? -1 : 1;
  for (let at = from; ; at = new FeelDate(at.unwrap().add({ days: step }))) {
    run.spend(5);
    yield at;
    if (at.iso === to.iso) return;
  }
}

/** Visits every combination until `visit` says that it is enough; null when something cannot be iterated over. */
function iterate(
  iterations: readonly Iteration[],
  scope: Scope,
  run: Run,
  visit: (scope: Scope) => boolean,
): boolean | null {
  const [first, ...rest] = iterations;
  if (first === undefined) return visit(scope);
  const items = first.items(scope, run);
  if (items === null) return null;
  for (const item of items) {
    run.spend(1);
    const isEnough = iterate(rest, scope.within({ [first.name]: item ?? null }), run, visit);
    if (isEnough !== false) return isEnough;
  }
  return false;
}
