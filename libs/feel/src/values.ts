import { FeelDate, FeelDateTime, FeelDuration, FeelRange, FeelTime } from 'feelin';
import { FunctionValue } from './function-value.ts';

/**
 * What an expression computes with: JSON's values, feelin's temporal values and ranges, and functions. A context is a plain
 * object; whatever else comes in from outside (a class, a Date) is of the kind `unknown`, which nothing is done with.
 */
export type Kind =
  | 'null'
  | 'boolean'
  | 'number'
  | 'string'
  | 'list'
  | 'context'
  | 'date'
  | 'time'
  | 'date and time'
  | 'years and months duration'
  | 'days and time duration'
  | 'range'
  | 'function'
  | 'unknown';

export type FeelContext = Readonly<Record<string, unknown>>;
export type Temporals = FeelDate | FeelTime | FeelDateTime | FeelDuration;

export function kindOf(value: unknown): Kind {
  if (value === null || value === undefined) return 'null';
  switch (typeof value) {
    case 'boolean':
      return 'boolean';
    case 'number':
      return 'number';
    case 'string':
      return 'string';
    case 'object':
      return kindOfObject(value);
    default:
      return 'unknown';
  }
}

function kindOfObject(value: object): Kind {
  if (Array.isArray(value)) return 'list';
  if (isContext(value)) return 'context';
  if (value instanceof FeelDate) return 'date';
  if (value instanceof FeelDateTime) return 'date and time';
  if (value instanceof FeelTime) return 'time';
  if (value instanceof FeelDuration)
    return isYearsMonths(value) ? 'years and months duration' : 'days and time duration';
  if (value instanceof FeelRange) return 'range';
  return value instanceof FunctionValue ? 'function' : 'unknown';
}

export function isContext(value: unknown): value is FeelContext {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

export function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

export function isYearsMonths(duration: FeelDuration): boolean {
  return duration.yearsMonths;
}

/** An entry under exactly this name; never one that objects inherit. */
function ownEntry(context: FeelContext, name: string): unknown {
  return Object.hasOwn(context, name) ? (context[name] ?? null) : undefined;
}

const SIMPLE_NAME = /^[\p{L}_?][\p{L}\p{N}_]*$/u;

/** A name that is one word: it is read the same whatever variables there are. */
export function isSimpleName(name: string): boolean {
  return SIMPLE_NAME.test(name);
}

/** A name as it is looked for: white space within counts once, and around operators not at all. */
export function normalName(name: string): string {
  return isSimpleName(name)
    ? name
    : name
        .replaceAll(/\s*([./\-'+]|\*\*?)\s*/g, ' $1 ')
        .replaceAll(/\s+/g, ' ')
        .trim();
}

/** The entry of a name in normal form; undefined when there is none. */
export function entryOf(context: FeelContext, name: string): unknown {
  const exact = ownEntry(context, name);
  if (exact !== undefined || isSimpleName(name)) return exact;
  for (const key of Object.keys(context)) if (normalName(key) === name) return context[key] ?? null;
  return undefined;
}
