import { isContext, isList, parseDate, parseDateTime, parseDuration, parseTime } from '@millrace/feel';
import { type Element, childOf, childrenOf } from './xml.ts';

/** The value that an input, a component, an item or an expectation holds, as FEEL has it. Throws on what is no value. */
export function readValue(holder: Element): unknown {
  if (isNil(holder)) return null;
  const list = childOf(holder, 'list');
  if (list !== undefined) return isNil(list) ? null : childrenOf(list, 'item').map(readValue);
  const components = childrenOf(holder, 'component');
  if (components.length > 0) {
    return Object.fromEntries(components.map((part) => [part.attributes['name'] ?? '', readValue(part)]));
  }
  const value = childOf(holder, 'value');
  return value === undefined || isNil(value) ? null : readSimple(value);
}

function isNil({ attributes }: Element): boolean {
  return attributes['xsi:nil'] === 'true' || attributes['xsi:nil'] === '1';
}

const numeric: ReadonlySet<string> = new Set(['decimal', 'double', 'float', 'integer', 'int', 'long', 'number']);

/** By `xsi:type`, whose prefix each file chooses; a text when there is none. */
function readSimple({ text, attributes }: Element): unknown {
  const type = (attributes['xsi:type'] ?? 'string').replace(/^.*:/, '');
  const trimmed = text.trim();
  if (numeric.has(type)) return parsed(Number(trimmed === '' ? Number.NaN : trimmed), type, text);
  switch (type) {
    case 'string':
    case 'anySimpleType':
      return text;
    case 'boolean':
      return trimmed === 'true' || trimmed === '1';
    case 'date':
      return parsed(parseDate(trimmed), type, text);
    case 'time':
      return parsed(parseTime(trimmed), type, text);
    case 'dateTime':
      return parsed(parseDateTime(trimmed), type, text);
    case 'duration':
    case 'dayTimeDuration':
    case 'yearMonthDuration':
      return parsed(parseDuration(trimmed), type, text);
    default:
      throw new Error(`expected a type of XML Schema that FEEL has, found ${type}`);
  }
}

function parsed(value: unknown, type: string, text: string): unknown {
  if (value === undefined || Number.isNaN(value)) throw new Error(`expected a ${type}, found "${text}"`);
  return value;
}

/** A value for the report, on one line. */
export function written(value: unknown): string {
  if (isList(value)) return `[${value.map(written).join(', ')}]`;
  if (isContext(value))
    return `{${Object.entries(value)
      .map(([name, entry]) => `${name}: ${written(entry)}`)
      .join(', ')}}`;
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
