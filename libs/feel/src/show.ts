import type { FeelRange } from 'feelin';
import { decimalText } from './decimal.ts';
import { temporalText } from './temporal.ts';
import { type Temporals, kindOf } from './values.ts';

/** A value in a message: short, whatever it is. */
export function show(value: unknown): string {
  switch (kindOf(value)) {
    case 'null':
      return 'null';
    case 'boolean':
      return String(value);
    case 'number':
      return decimalText(value as number);
    case 'string':
      return JSON.stringify(clip(value as string));
    case 'list':
      return `a list of ${(value as unknown[]).length}`;
    case 'context':
      return 'a context';
    case 'range':
      return showRange(value as FeelRange);
    case 'function':
      return 'a function';
    case 'unknown':
      return 'a value that FEEL does not know';
    default:
      return temporalText(value as Temporals);
  }
}

function showRange(range: FeelRange): string {
  const open = range['start included'] ? '[' : '(';
  const close = range['end included'] ? ']' : ')';
  return `${open}${show(range.start)}..${show(range.end)}${close}`;
}

const SHOWN_MAX = 60;

function clip(text: string): string {
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text;
}
