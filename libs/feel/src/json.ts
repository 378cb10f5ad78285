import { FeelDate, FeelDateTime, FeelDuration, FeelRange, FeelTime } from 'feelin';
import { temporalText } from './temporal.ts';
import { isContext, isList } from './values.ts';

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** Deeper values than any variable has any use for; a recursion this deep cannot exhaust the stack. */
const DEPTH_MAX = 200;
/** Items and entries in all. What shares its parts while FEEL computes (`[x, x]`) has each of them twice as JSON. */
const PARTS_MAX = 1_000_000;
const CHARACTERS_MAX = 16_000_000;

/** Why a value cannot become JSON; the path says where it sits. */
export class NotJson extends Error {}

/**
 * What FEEL computed, as JSON: temporal values become their ISO 8601 text, undefined becomes null. Functions, ranges and
 * numbers that JSON cannot write are refused, because a silent `null` would be read as an answer.
 */
export function toJson(value: unknown, left: Left = { parts: PARTS_MAX, characters: CHARACTERS_MAX }): JsonValue {
  return convert(value, 'the result', 0, left);
}

/** What is left of the bounds, over all conversions that share it. */
export interface Left {
  parts: number;
  characters: number;
}

function convert(value: unknown, path: string, depth: number, left: Left): JsonValue {
  if (value === null || value === undefined) return null;
  switch (typeof value) {
    case 'boolean':
      return value;
    case 'string':
      left.characters -= value.length;
      if (left.characters < 0)
        throw new NotJson(`expected the result to have at most ${CHARACTERS_MAX} characters of text`);
      return value;
    case 'number':
      if (Number.isFinite(value)) return value === 0 ? 0 : value; // JSON has no -0: it would not survive a round trip.
      throw new NotJson(`expected ${path} to be a number that JSON can write, found ${value}`);
    case 'object':
      return convertObject(value, path, depth, left);
    default:
      throw new NotJson(`expected ${path} to be a value, found a ${typeof value}`);
  }
}

function convertObject(value: object, path: string, depth: number, left: Left): JsonValue {
  if (depth >= DEPTH_MAX) throw new NotJson(`expected ${path} to be nested at most ${DEPTH_MAX} deep`);
  if (isList(value)) {
    spend(value.length, left);
    return value.map((item, index) => convert(item, `${path}[${index + 1}]`, depth + 1, left));
  }
  if (isTemporal(value)) return temporalText(value);
  if (!isContext(value)) {
    throw new NotJson(`expected ${path} to be a value, found a ${value instanceof FeelRange ? 'range' : 'function'}`);
  }
  const entries = Object.entries(value);
  spend(entries.length, left);
  // fromEntries defines own properties, so that a key `__proto__` stays a key.
  return Object.fromEntries(entries.map(([key, entry]) => [key, convert(entry, `${path}.${key}`, depth + 1, left)]));
}

function spend(parts: number, left: Left): void {
  left.parts -= parts;
  if (left.parts < 0) throw new NotJson(`expected the result to have at most ${PARTS_MAX} items and entries`);
}

function isTemporal(value: object): value is FeelDate | FeelTime | FeelDateTime | FeelDuration {
  return (
    value instanceof FeelDate ||
    value instanceof FeelDateTime ||
    value instanceof FeelDuration ||
    value instanceof FeelTime
  );
}
