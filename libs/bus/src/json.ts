import { type Unusable, unusable } from './unusable.ts';

/**
 * JSON as it enters: bounded, and honest about numbers.
 *
 * B3. Numbers are doubles. A literal survives when the double prints with the same value: `1.10` does, and so does `1e2`;
 * `9007199254740993`, `0.12345678901234567890` and `1e400` do not and are refused, because a rounded account number is
 * worse than an error.
 */
export const limits = {
  /** Value of one record, and the variables of one call. Leaves room for headers under Kafka's usual 1 MB per record. */
  valueBytesMax: 768 * 1024,
  /** `JSON.stringify` recurses natively: without a bound a deep body would overflow the stack far from here. */
  jsonDepthMax: 100,
} as const;

export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };
export type JsonObject = { [key: string]: JsonValue };

const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

/** Bytes or text to a JSON value; never throws (B2). */
export function readJson(
  source: Uint8Array | string,
  bytesMax: number = limits.valueBytesMax,
): { readonly kind: 'json'; readonly value: JsonValue } | Unusable {
  if (source.length > bytesMax) {
    return unusable('VALUE_TOO_LARGE', `expected at most ${bytesMax} bytes of JSON, found ${source.length}`);
  }
  let text: string;
  try {
    text = typeof source === 'string' ? source : strictUtf8.decode(source);
  } catch {
    return unusable('NOT_UTF8');
  }
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch (error) {
    return unusable('NOT_JSON', `the value is no JSON: ${(error as Error).message}`);
  }
  const problem = jsonProblem(text);
  if (problem !== undefined) return problem;
  // An escaped spelling of the key needs a backslash; most bodies have neither and pay one scan.
  if (/__proto__|\\u005[fF]/.test(text) && hasProtoKey(value)) return unusable('FORBIDDEN_KEY');
  return { kind: 'json', value };
}

export function readJsonObject(
  source: Uint8Array | string,
  bytesMax: number = limits.valueBytesMax,
): { readonly kind: 'json'; readonly value: JsonObject } | Unusable {
  const read = readJson(source, bytesMax);
  if (read.kind === 'unusable') return read;
  if (typeof read.value !== 'object' || read.value === null || Array.isArray(read.value)) {
    return unusable('WRONG_SHAPE', `expected a JSON object, found ${describe(read.value)}`);
  }
  return { kind: 'json', value: read.value };
}

/**
 * What `JSON.parse` does not tell about a text that it accepted: numbers that it rounded, and nesting. One pass over the source.
 * Exported for REST, where the body parser has parsed already.
 */
export function jsonProblem(text: string): Unusable | undefined {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfString(text, at);
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      if (++depth > limits.jsonDepthMax) {
        return unusable('TOO_DEEP', `expected JSON nested at most ${limits.jsonDepthMax} deep`);
      }
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      depth--;
    } else if (code === MINUS || (code >= DIGIT_0 && code <= DIGIT_9)) {
      const start = at;
      while (at + 1 < text.length && isNumberCharacter(text.charCodeAt(at + 1))) at++;
      const literal = text.slice(start, at + 1);
      if (!survivesRoundTrip(literal)) {
        const shown = literal.length > 40 ? `${literal.slice(0, 40)}…` : literal;
        return unusable(
          'LOSSY_NUMBER',
          `expected numbers that a double holds exactly as written, found ${shown} (send it as a string)`,
        );
      }
    }
  }
  return undefined;
}

/** Whether a JSON number literal has the value of the double it becomes, as far as the double's shortest print tells. */
export function survivesRoundTrip(literal: string): boolean {
  // Fifteen digits always survive, and without an exponent the magnitude can't leave the doubles' range.
  if (literal.length <= 15 && !/[eE]/.test(literal)) return true;
  const number = Number(literal);
  if (!Number.isFinite(number)) return false;
  return canonical(literal) === canonical(String(number));
}

/** `-12.50e3` → `-125e2`: the digits without zeros at either end, and the power of ten of the last one. */
function canonical(literal: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(literal);
  if (match === null) return literal;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const digits = (whole + fraction).replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  const power = Number(exponent) - fraction.length + (digits.length - significant.length);
  return `${sign}${significant}e${power}`;
}

function endOfString(text: string, open: number): number {
  let at = open;
  for (;;) {
    at = text.indexOf('"', at + 1);
    if (at === -1) return text.length;
    let backslashes = 0;
    while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return at;
  }
}

function hasProtoKey(value: JsonValue): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some(hasProtoKey);
  return Object.entries(value).some(([key, inner]) => key === '__proto__' || hasProtoKey(inner));
}

function describe(value: JsonValue): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`;
}

function isNumberCharacter(code: number): boolean {
  return (
    (code >= DIGIT_0 && code <= DIGIT_9) ||
    code === DOT ||
    code === MINUS ||
    code === PLUS ||
    (code | 0x20) === LETTER_E
  );
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const MINUS = 0x2d;
const PLUS = 0x2b;
const DOT = 0x2e;
const LETTER_E = 0x65;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
