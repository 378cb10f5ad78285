import { FeelDate, FeelTime } from 'feelin';
import { numberLiteral, stringLiteral } from '../compile/literals.ts';
import type { Ends } from '../range.ts';
import { combine, parseDate, parseDateTime, parseDuration, parseTime } from '../temporal.ts';

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

const COMBINED = /^date and time\s*\(\s*(date\s*\([^()]*\))\s*,\s*(time\s*\([^()]*\))\s*\)$/;

function literal(text: string): unknown {
  const [, ofDay, ofTime] = COMBINED.exec(text) ?? [];
  if (ofDay !== undefined && ofTime !== undefined) {
    const [day, time] = [literal(ofDay), literal(ofTime)];
    return day instanceof FeelDate && time instanceof FeelTime ? combine(day, time) : undefined;
  }
  if (/^-?(\d+(\.\d+)?|\.\d+)$/.test(text)) return numberLiteral(text);
  if (/^"(?:[^"\\]|\\.)*"$/.test(text)) return stringLiteral(text);
  if (text.startsWith('@')) {
    const inner = stringLiteral(text.slice(1).trim());
    const isInstant = inner.includes('-') && inner.includes('T');
    return (
      parseDate(inner) ?? (isInstant ? parseDateTime(inner) : undefined) ?? parseTime(inner) ?? parseDuration(inner)
    );
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
