import type { FeelRange } from 'feelin';
import { decimalText } from './decimal.ts';
import type { Run } from './run.ts';
import { temporalText } from './temporal.ts';
import { type FeelContext, type Temporals, isSimpleName, kindOf } from './values.ts';

/** What `string(…)` gives: a text as it is, anything else as FEEL would write it. Undefined for what cannot be written. */
export function toText(value: unknown, run: Run): string | undefined {
  return typeof value === 'string' ? value : written(value, run);
}

function written(value: unknown, run: Run): string | undefined {
  const text = writtenKind(value, run);
  if (text !== undefined) run.spendText(text.length);
  return text;
}

function writtenKind(value: unknown, run: Run): string | undefined {
  switch (kindOf(value)) {
    case 'null':
      return 'null';
    case 'boolean':
      return String(value);
    case 'number':
      return decimalText(value as number);
    case 'string':
      return `"${(value as string).replaceAll(/["\\]/g, '\\$&')}"`;
    case 'list': {
      run.spend((value as unknown[]).length);
      const items = (value as unknown[]).map((item) => written(item, run));
      return items.includes(undefined) ? undefined : `[${items.join(', ')}]`;
    }
    case 'context': {
      const entries = Object.entries(value as FeelContext);
      run.spend(entries.length);
      const parts = entries.map(([name, entry]) => {
        const text = written(entry, run);
        return text === undefined ? undefined : `${isSimpleName(name) ? name : JSON.stringify(name)}: ${text}`;
      });
      return parts.includes(undefined) ? undefined : `{${parts.join(', ')}}`;
    }
    case 'range':
      return writtenRange(value as FeelRange, run);
    case 'function':
    case 'unknown':
      return undefined;
    default:
      return temporalText(value as Temporals);
  }
}

function writtenRange(range: FeelRange, run: Run): string | undefined {
  if (range.start === null) return `(${range['end included'] ? '<=' : '<'}${written(range.end, run) ?? ''})`;
  if (range.end === null) return `(${range['start included'] ? '>=' : '>'}${written(range.start, run) ?? ''})`;
  const open = range['start included'] ? '[' : '(';
  const close = range['end included'] ? ']' : ')';
  return `${open}${written(range.start, run) ?? ''}..${written(range.end, run) ?? ''}${close}`;
}
