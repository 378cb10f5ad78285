import { FeelDate, FeelDateTime, FeelDuration, FeelRange, FeelTime } from 'feelin';
import { FunctionValue } from '../function-value.ts';
import type { Run } from '../run.ts';
import { show } from '../show.ts';
import { type FeelContext, isContext, isList } from '../values.ts';

/** What an argument must be. `read` gives undefined for what does not fit. */
export interface Parameter<T> {
  readonly read: (value: unknown) => T | undefined;
  readonly isOptional?: boolean;
}

type Read<P> = P extends Parameter<infer T> ? T : never;
type Arguments<P extends readonly Parameter<unknown>[]> = { readonly [Index in keyof P]: Read<P[Index]> };

/** One way to call a function. */
export interface Signature {
  readonly names: readonly string[];
  readonly isVariadic: boolean;
  /** Undefined when the arguments do not fit. */
  readonly bind: (args: readonly unknown[], areNamed?: boolean) => ((run: Run) => unknown) | undefined;
}

/** A body answers undefined for arguments that fit but mean nothing (`sqrt(-1)`): the result is null, with a warning. */
export function signature<const P extends readonly Parameter<unknown>[]>(
  names: string,
  parameters: P,
  body: (args: Arguments<P>, run: Run) => unknown,
): Signature {
  return {
    names: names === '' ? [] : names.split(', '),
    isVariadic: false,
    bind(args, areNamed = false) {
      const read = readAll(args, parameters, areNamed);
      return read === undefined ? undefined : (run) => body(read as unknown as Arguments<P>, run);
    },
  };
}

/** `f(list)` and `f(a, b, c)` are the same: the arguments as a list. */
export function overItems(name: string, body: (items: readonly unknown[], run: Run) => unknown): Signature {
  return {
    names: [name],
    isVariadic: true,
    bind(args) {
      if (args.length === 0) return undefined;
      const [only] = args;
      if (args.length > 1 || !isList(only))
        return only === null && args.length === 1 ? undefined : (run) => body(args, run);
      return (run) => body(only, run);
    },
  };
}

/** Any number of arguments after the first ones. */
export function variadic<const P extends readonly Parameter<unknown>[]>(
  names: string,
  first: P,
  body: (args: Arguments<P>, rest: readonly unknown[], run: Run) => unknown,
): Signature {
  return {
    names: names.split(', '),
    isVariadic: true,
    bind(args) {
      const read = readAll(args.slice(0, first.length), first);
      const rest = args.slice(first.length);
      return read === undefined ? undefined : (run) => body(read as unknown as Arguments<P>, rest, run);
    },
  };
}

function readAll(
  args: readonly unknown[],
  parameters: readonly Parameter<unknown>[],
  areNamed = false,
): unknown[] | undefined {
  if (args.length > parameters.length) return undefined;
  const read: unknown[] = [];
  for (const [index, parameter] of parameters.entries()) {
    // Of named arguments, one that is not given is null.
    const arg = args[index] ?? (args[index] === null || (areNamed && parameter.isOptional !== true) ? null : undefined);
    if (arg === undefined) {
      if (parameter.isOptional !== true) return undefined;
      read.push(undefined);
      continue;
    }
    const value = parameter.read(arg) ?? unwrapped(arg, parameter);
    if (value === undefined) return undefined;
    read.push(value === NULL ? null : value);
  }
  return read;
}

/** FEEL takes the value of a list of one where no list is wanted. */
function unwrapped(arg: unknown, parameter: Parameter<unknown>): unknown {
  return isList(arg) && arg.length === 1 ? parameter.read(arg[0]) : undefined;
}

/** Null that fits, beside the undefined of what does not. */
const NULL: unique symbol = Symbol('null');

export function builtin(name: string, ...signatures: readonly Signature[]): readonly [string, FunctionValue] {
  const names = signatures.map((one) => one.names);
  const call = (args: readonly unknown[], run: Run, chosen?: readonly string[]): unknown => {
    run.spend(1);
    for (const { names: known, bind } of signatures) {
      // Named arguments are those of one way to call it, and of the others that name them so.
      const bound = chosen === undefined || isSame(known, chosen) ? bind(args, chosen !== undefined) : undefined;
      if (bound === undefined) continue;
      const result = bound(run);
      return result === undefined ? refuse(name, args, names, run) : result;
    }
    return refuse(name, args, names, run);
  };
  const isVariadic = signatures.some((one) => one.isVariadic);
  return [name, new FunctionValue(names, call, { isVariadic })];
}

function isSame(known: readonly string[], chosen: readonly string[]): boolean {
  return known === chosen || (known.length === chosen.length && known.every((name, index) => name === chosen[index]));
}

const SHOWN_MAX = 5;

function refuse(name: string, args: readonly unknown[], names: readonly (readonly string[])[], run: Run): null {
  const expected = names.map((one) => `${name}(${one.join(', ')})`).join(' or ');
  const found = args.slice(0, SHOWN_MAX).map((arg) => (arg === undefined ? 'nothing' : show(arg)));
  const more = args.length > SHOWN_MAX ? ', …' : '';
  return run.warn('INVALID_ARGUMENTS', `Expected ${expected}, found (${found.join(', ')}${more})`);
}

export const any: Parameter<unknown> = { read: (value) => (value === null ? NULL : value) };
export const text: Parameter<string> = { read: (value) => (typeof value === 'string' ? value : undefined) };
export const number: Parameter<number> = { read: (value) => (typeof value === 'number' ? value : undefined) };
export const whole: Parameter<number> = { read: (value) => (Number.isInteger(value) ? (value as number) : undefined) };
/** A position, a length, a number of digits: what is behind the point does not count. */
export const truncated: Parameter<number> = {
  read: (value) => (typeof value === 'number' && Number.isFinite(value) ? Math.trunc(value) : undefined),
};
export const boolean: Parameter<boolean> = { read: (value) => (typeof value === 'boolean' ? value : undefined) };
export const context: Parameter<FeelContext> = { read: (value) => (isContext(value) ? value : undefined) };
export const time: Parameter<FeelTime> = { read: instanceOf(FeelTime) };
export const dateTime: Parameter<FeelDateTime> = { read: instanceOf(FeelDateTime) };
export const day: Parameter<FeelDate | FeelDateTime> = {
  read: (value) => (value instanceof FeelDate || value instanceof FeelDateTime ? value : undefined),
};
export const duration: Parameter<FeelDuration> = { read: instanceOf(FeelDuration) };
export const range: Parameter<FeelRange> = { read: instanceOf(FeelRange) };
export const func: Parameter<FunctionValue> = { read: instanceOf(FunctionValue) };
/** A single value is a list of one; null is none. */
export const list: Parameter<readonly unknown[]> = {
  read: (value) => (isList(value) ? value : value === null ? undefined : [value]),
};

export function optional<T>(parameter: Parameter<T>): Parameter<T | undefined> {
  return { read: parameter.read, isOptional: true };
}

/** Not given, null or fitting. */
export function nullable<T>(parameter: Parameter<T>): Parameter<T | null | undefined> {
  return { ...orNull(parameter), isOptional: true };
}

/** Null or fitting. */
export function orNull<T>(parameter: Parameter<T>): Parameter<T | null> {
  return { read: (value) => (value === null ? (NULL as unknown as null) : parameter.read(value)) };
}

function instanceOf<T>(type: new (...args: never[]) => T): (value: unknown) => T | undefined {
  return (value) => (value instanceof type ? value : undefined);
}
