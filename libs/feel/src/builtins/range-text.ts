import { numberLiteral, stringLiteral } from '../compile/literals.ts';
import type { Ends } from '../range.ts';
import { parseDate, parseDateTime, parseDuration, parseTime } from '../temporal.ts';

const RANGE = /^([[\](])\s*(.*?)\s*\.\.\s*(.*?)\s*([[\])])$/s;

/** A range as text, with literals as its ends: `[1..10]`, `(@"2020-01-01"..]`, `("a".."z")`. */
export function literalRange(text: string): Ends | undefined {
  const match = RANGE.exec(text.trim());
  if (match === null) return undefined;
  const [, open, from = '', to = '', close] = match;
  const start = from === '' ? null : literal(from);
  const end = to === '' ? null : literal(to);
  if (start === undefined || end === undefined || (start === null && end === null)) return undefined;
  // An open end cannot be included.
  const [startIncluded, endIncluded] = [open === '[', close === ']'];
  if ((start === null && startIncluded) || (end === null && endIncluded)) return undefined;
  return { start, end, startIncluded, endIncluded };
}

const CALL = /^(date|time|date and time|duration)\s*\(\s*("(?:[^"\\]|\\.)*")\s*\)$/;

function literal(text: string): unknown {
  if (/^-?(\d+(\.\d+)?|\.\d+)$/.test(text)) return numberLiteral(text);
  if (/^"(?:[^"\\]|\\.)*"$/.test(text)) return stringLiteral(text);
  if (text.startsWith('@')) {
    const inner = stringLiteral(text.slice(1).trim());
    return parseDate(inner) ?? parseTime(inner) ?? parseDuration(inner) ?? parseDateTime(inner);
  }
  const [, name, argument = ''] = CALL.exec(text) ?? [];
  const inner = stringLiteral(argument);
  switch (name) {
    case 'date':
      return parseDate(inner);
    case 'time':
      return parseTime(inner);
    case 'date and time':
      return parseDateTime(inner);
    case 'duration':
      return parseDuration(inner);
    default:
      return undefined;
  }
}
