import { FeelDate, FeelDateTime, FeelDuration, FeelRange, FeelTime } from 'feelin';
import { builtIn } from '../builtins/index.ts';
import type { Run } from '../run.ts';
import type { Scope } from '../scope.ts';
import { show } from '../show.ts';
import type { SyntaxNode } from '../syntax.ts';
import { offsetOf } from '../temporal.ts';
import { entryOf, isContext, isList, isYearsMonths, normalName } from '../values.ts';
import { type Code, type Source, childAt, childrenOf, positionOf, sizeOf, textOf } from './code.ts';

/** A name in normal form, without backticks. */
export function nameOf(node: SyntaxNode, source: Source): string {
  return normalName(textOf(source, node).replaceAll('`', ''));
}

/** A variable, else the built-in function of that name. */
export function compileVariable(node: SyntaxNode, source: Source): Code {
  const name = nameOf(node, source);
  const builtin = builtIn(name);
  const position = positionOf(node);
  return (scope, run) => {
    const found = scope.find(name);
    if (found !== undefined) return found;
    if (builtin !== undefined) return builtin;
    return run.warn('NO_VARIABLE_FOUND', `Variable '${name}' not found`, position);
  };
}

export function compilePath(node: SyntaxNode, source: Source): Code {
  const parts = childrenOf(node);
  const target = source.compile(childAt(parts, 0));
  const last = childAt(parts, 2);
  const name = nameOf(last, source);
  const position = positionOf(last);
  const get = (value: unknown, run: Run): unknown => {
    const found = propertyOf(value, name);
    if (found !== undefined) return found;
    if (isContext(value)) return run.warn('NO_CONTEXT_ENTRY_FOUND', `Key '${name}' not found in a context`, position);
    return run.warn('NO_PROPERTY_FOUND', `Property '${name}' not found in ${show(value)}`, position);
  };
  return (scope, run) => {
    const value = target(scope, run);
    if (!isList(value)) return get(value, run);
    run.spend(value.length);
    return value.map((item) => get(item, run));
  };
}

/** An entry of a context or a property of a temporal value or a range (DMN 1.5, 10.3.2.13.3). Undefined when there is none. */
function propertyOf(value: unknown, name: string): unknown {
  if (isContext(value)) return entryOf(value, name);
  if (value instanceof FeelRange) return rangeProperties.get(name)?.(value);
  if (value instanceof FeelDuration) {
    const property = isYearsMonths(value) ? monthProperties.get(name) : dayProperties.get(name);
    return property?.(value);
  }
  if (value instanceof FeelDate) return dateProperties.get(name)?.(value);
  if (value instanceof FeelDateTime) return (dateProperties.get(name) ?? timeProperties.get(name))?.(value);
  return value instanceof FeelTime ? timeProperties.get(name)?.(value) : undefined;
}

type Properties<T> = ReadonlyMap<string, (value: T) => unknown>;

const dateProperties: Properties<FeelDate | FeelDateTime> = new Map([
  ['year', (value) => value.unwrap().year],
  ['month', (value) => value.unwrap().month],
  ['day', (value) => value.unwrap().day],
  ['weekday', (value) => value.unwrap().dayOfWeek],
]);

const timeProperties: Properties<FeelTime | FeelDateTime> = new Map<
  string,
  (value: FeelTime | FeelDateTime) => unknown
>([
  ['hour', (value) => value.unwrap().hour],
  ['minute', (value) => value.unwrap().minute],
  ['second', (value) => value.unwrap().second],
  ['time offset', (value) => offsetOf(value) ?? null],
  ['timezone', ({ zone }) => (zone === null || /^[+-]/.test(zone) ? null : zone)],
]);

const monthProperties: Properties<FeelDuration> = new Map([
  ['years', (value) => value.unwrap().years],
  ['months', (value) => value.unwrap().months],
]);

const dayProperties: Properties<FeelDuration> = new Map([
  ['days', (value) => value.unwrap().days],
  ['hours', (value) => value.unwrap().hours],
  ['minutes', (value) => value.unwrap().minutes],
  ['seconds', (value) => value.unwrap().seconds],
]);

const rangeProperties: Properties<FeelRange> = new Map<string, (value: FeelRange) => unknown>([
  ['start', (value) => value.start as unknown],
  ['end', (value) => value.end as unknown],
  ['start included', (value) => value['start included']],
  ['end included', (value) => value['end included']],
]);

/** `list[3]`, `list[-1]`, `list[item > 1]`, `orders[total > limit]`: the entries of a context are variables inside. */
export function compileFilter(node: SyntaxNode, source: Source): Code {
  const parts = childrenOf(node);
  const target = source.compile(childAt(parts, 0));
  const match = source.compile(childAt(parts, 2));
  const cost = sizeOf(childAt(parts, 2));
  const position = positionOf(node);
  return (scope, run) => {
    const value = target(scope, run);
    if (value === null) return null;
    const list = isList(value) ? value : [value];
    if (list.length === 0) return ofNothing(match, scope, run);
    run.spend(list.length);
    const kept: unknown[] = [];
    for (const [index, item] of list.entries()) {
      run.spend(cost);
      const verdict = match(scopeOf(item, scope), run);
      if (typeof verdict === 'number' && index === 0) return itemAt(list, verdict, run, position);
      if (verdict === true) kept.push(item);
    }
    return kept;
  };
}

function scopeOf(item: unknown, scope: Scope): Scope {
  const around = scope.within({ item: item ?? null });
  return isContext(item) ? around.within(item) : around;
}

function itemAt(list: readonly unknown[], index: number, run: Run, position: { from: number; to: number }): unknown {
  const item = Number.isInteger(index) && index !== 0 ? list.at(index > 0 ? index - 1 : index) : undefined;
  if (item !== undefined) return item;
  const outside = index === 0 || Math.abs(index) > list.length || !Number.isInteger(index);
  if (outside) run.warn('NO_SUCH_ITEM', `Expected an index from 1 to ${list.length}, found ${index}`, position);
  return null;
}

/** Without an item to look at, only an index tells itself from a condition; what is amiss with none is no warning. */
function ofNothing(match: Code, scope: Scope, run: Run): unknown {
  const before = run.warnings.length;
  const verdict = match(scope.within({ item: null }), run);
  run.warnings.length = before;
  return typeof verdict === 'number' ? null : [];
}
