import { isTemporalValue } from './temporal-value.ts';

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** Deeper values than any variable has any use for; a recursion this deep cannot exhaust the stack. */
const DEPTH_MAX = 200;

/** Why a value cannot become JSON; the path says where it sits. */
export class NotJson extends Error {}

/**
 * What FEEL computed, as JSON: temporal values become their ISO 8601 text, undefined becomes null. Functions, ranges and
 * numbers that JSON cannot write are refused, because a silent `null` would be read as an answer.
 */
export function toJson(value: unknown, path = 'the result', depth = 0): JsonValue {
  if (value === null || value === undefined) return null;
  switch (typeof value) {
    case 'boolean':
    case 'string':
      return value;
    case 'number':
      if (Number.isFinite(value)) return value === 0 ? 0 : value; // JSON has no -0: it would not survive a round trip.
      throw new NotJson(`expected ${path} to be a number that JSON can write, found ${value}`);
    case 'object':
      return objectToJson(value, path, depth);
    default:
      throw new NotJson(`expected ${path} to be a value, found a ${typeof value}`);
  }
}

function objectToJson(value: object, path: string, depth: number): JsonValue {
  if (depth >= DEPTH_MAX) throw new NotJson(`expected ${path} to be nested at most ${DEPTH_MAX} deep`);
  if (Array.isArray(value)) return value.map((item, index) => toJson(item, `${path}[${index + 1}]`, depth + 1));
  if (isTemporalValue(value)) return value.toJSON();
  if (Object.getPrototypeOf(value) !== Object.prototype && Object.getPrototypeOf(value) !== null) {
    const name = value.constructor.name === 'FeelRange' ? 'range' : 'function';
    throw new NotJson(`expected ${path} to be a value, found a ${name}`);
  }
  // fromEntries defines own properties, so that a key `__proto__` stays a key.
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [key, toJson(entry, `${path}.${key}`, depth + 1)]),
  );
}
