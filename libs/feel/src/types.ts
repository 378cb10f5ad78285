import { FeelDate, FeelRange } from 'feelin';
import { FunctionValue } from './function-value.ts';
import { combine, makeTime } from './temporal.ts';
import { type Kind, isContext, isList, kindOf } from './values.ts';

/** A type of FEEL, as `instance of`, a parameter or an item definition names it. Null belongs to every type but is an instance of none. */
export type FeelType =
  | { readonly kind: 'any' }
  | { readonly kind: 'never' }
  | { readonly kind: 'simple'; readonly name: Kind }
  | { readonly kind: 'duration' }
  | { readonly kind: 'list'; readonly of: FeelType }
  | { readonly kind: 'range'; readonly of: FeelType }
  | { readonly kind: 'context'; readonly entries: readonly (readonly [name: string, type: FeelType])[] }
  | { readonly kind: 'function'; readonly parameterCount?: number }
  /** A type with a condition: allowed values. */
  | { readonly kind: 'constrained'; readonly base: FeelType; readonly allows: (value: unknown) => boolean };

export const ANY: FeelType = { kind: 'any' };

const simple: ReadonlyMap<string, FeelType> = new Map<string, FeelType>([
  ['Any', ANY],
  ['any', ANY],
  ['Null', { kind: 'simple', name: 'null' }],
  ...(
    [
      'boolean',
      'number',
      'string',
      'date',
      'time',
      'date and time',
      'years and months duration',
      'days and time duration',
    ] as const
  ).map((name): [string, FeelType] => [name, { kind: 'simple', name }]),
  // Names of DMN's first versions, which modellers still write.
  ['dateTime', { kind: 'simple', name: 'date and time' }],
  ['yearMonthDuration', { kind: 'simple', name: 'years and months duration' }],
  ['dayTimeDuration', { kind: 'simple', name: 'days and time duration' }],
  ['integer', { kind: 'simple', name: 'number' }],
  ['long', { kind: 'simple', name: 'number' }],
  ['double', { kind: 'simple', name: 'number' }],
  ['duration', { kind: 'duration' }],
  ['list', { kind: 'list', of: ANY }],
  ['range', { kind: 'range', of: ANY }],
  ['context', { kind: 'context', entries: [] }],
  ['function', { kind: 'function' }],
]);

/** A built-in type; undefined for a name that only a model can know. */
export function builtInType(name: string): FeelType | undefined {
  return simple.get(name);
}

/** Looking into lists and contexts costs steps: what shares its parts is far larger than the memory that it takes. */
export interface Payer {
  spend(steps: number): void;
}

/** Whether a value is of the type. Null is not: nothing is known of it. */
export function isInstance(value: unknown, type: FeelType, payer: Payer): boolean {
  payer.spend(1);
  switch (type.kind) {
    case 'any':
      return kindOf(value) !== 'null';
    case 'never':
      return false;
    case 'simple':
      return kindOf(value) === type.name;
    case 'duration':
      return kindOf(value).endsWith('duration');
    case 'list':
      return isList(value) && value.every((item) => conforms(item, type.of, payer));
    case 'range':
      return value instanceof FeelRange && conforms(value.start, type.of, payer) && conforms(value.end, type.of, payer);
    case 'context':
      return (
        isContext(value) &&
        type.entries.every(([name, of]) => Object.hasOwn(value, name) && conforms(value[name], of, payer))
      );
    case 'function':
      return value instanceof FunctionValue && (type.parameterCount === undefined || value.takes(type.parameterCount));
    default:
      return isInstance(value, type.base, payer) && type.allows(value);
  }
}

/** The kind of a type alone, which is all that `instance of` asks for: not the values that it allows. */
export function withoutConstraints(type: FeelType): FeelType {
  switch (type.kind) {
    case 'constrained':
      return withoutConstraints(type.base);
    case 'list':
    case 'range':
      return { kind: type.kind, of: withoutConstraints(type.of) };
    case 'context':
      return { kind: 'context', entries: type.entries.map(([name, of]) => [name, withoutConstraints(of)]) };
    default:
      return type;
  }
}

/** Whether a value may stand where the type is wanted: an instance, or null. */
function conforms(value: unknown, type: FeelType, payer: Payer): boolean {
  return value === null || value === undefined || isInstance(value, type, payer);
}

/**
 * The value as the type wants it; undefined when it cannot be. FEEL makes a list of a single value, a single value of a list
 * of one, and a date and time of a date (DMN 1.5, 10.3.2.9.4).
 */
export function coerce(value: unknown, type: FeelType, payer: Payer): unknown {
  if (conforms(value, type, payer)) return value ?? null;
  const base = type.kind === 'constrained' ? type.base : type;
  if (isList(value) && value.length === 1 && base.kind !== 'list' && conforms(value[0], type, payer))
    return value[0] ?? null;
  if (!isList(value) && base.kind === 'list' && conforms([value], type, payer)) return [value];
  const isForDateTime = base.kind === 'simple' && base.name === 'date and time';
  if (value instanceof FeelDate && isForDateTime) {
    const midnight = makeTime(0, 0, 0, 'UTC');
    const converted = midnight === undefined ? undefined : combine(value, midnight);
    return converted !== undefined && conforms(converted, type, payer) ? converted : undefined;
  }
  return undefined;
}
