import { limits, parseJson } from '@millrace/contract';
import { type Unusable, unusable } from './unusable.ts';

export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };
export type JsonObject = { [key: string]: JsonValue };

/** Bytes or text to a JSON value; never throws (B2). What is refused, rounded numbers among it (B3), is the contract's to say. */
export function readJson(
  source: Uint8Array | string,
  bytesMax: number = limits.variablesBytesMax,
): { readonly kind: 'json'; readonly value: JsonValue } | Unusable {
  if (source.length > bytesMax) {
    return unusable('VALUE_TOO_LARGE', `expected at most ${bytesMax} bytes of JSON, found ${source.length}`);
  }
  const result = parseJson(source);
  if ('fault' in result) return unusable(result.fault.code, result.fault.message);
  return { kind: 'json', value: result.value as JsonValue };
}

export function readJsonObject(
  source: Uint8Array | string,
  bytesMax: number = limits.variablesBytesMax,
): { readonly kind: 'json'; readonly value: JsonObject } | Unusable {
  const read = readJson(source, bytesMax);
  if (read.kind === 'unusable') return read;
  if (!isObject(read.value)) {
    return unusable('WRONG_SHAPE', `expected a JSON object, found ${describe(read.value)}`);
  }
  return { kind: 'json', value: read.value };
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function describe(value: JsonValue): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`;
}
