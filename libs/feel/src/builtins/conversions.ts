import { FeelDate, FeelDateTime, FeelTime } from 'feelin';
import { equals } from '../comparison.ts';
import type { Run } from '../run.ts';
import * as temporal from '../temporal.ts';
import { toText } from '../to-text.ts';
import { kindOf } from '../values.ts';
import {
  any,
  boolean,
  builtin,
  day,
  duration,
  nullable,
  number,
  optional,
  signature,
  text,
  time,
  whole,
} from './define.ts';

export const conversionFunctions = [
  builtin(
    'number',
    signature(
      'from, grouping separator, decimal separator',
      [text, nullable(text), nullable(text)],
      ([from, group, point]) => toNumber(from, group ?? '', point ?? '.'),
    ),
    signature('from', [number], ([from]) => from),
  ),
  builtin(
    'string',
    signature('from', [any], ([from], run) => (from === null ? null : toText(from, run))),
  ),
  builtin(
    'date',
    signature('year, month, day', [whole, whole, whole], ([year, month, day]) => temporal.makeDate(year, month, day)),
    signature('from', [text], ([from]) => temporal.parseDate(from) ?? dayOf(from)),
    signature('from', [day], ([from]) => (from instanceof FeelDate ? from : new FeelDate(from.unwrap().toPlainDate()))),
  ),
  builtin(
    'time',
    signature(
      'hour, minute, second, offset',
      [whole, whole, number, nullable(duration)],
      ([hour, minute, second, offset]) => temporal.makeTime(hour, minute, second, temporal.zoneOfOffset(offset)),
    ),
    signature('from', [text], ([from]) => temporal.parseTime(from)),
    signature('from', [time], ([from]) => from),
    signature('from', [day], ([from]) =>
      from instanceof FeelDate
        ? temporal.makeTime(0, 0, 0, 'UTC')
        : new FeelTime(from.unwrap().toPlainTime(), from.zone),
    ),
  ),
  builtin(
    'date and time',
    signature('date, time', [day, time], ([date, time]) => temporal.combine(date, time)),
    signature('date, timezone', [day, text], ([at, zone]) => inZone(at, zone)),
    signature('from', [text], ([from]) => temporal.parseDateTime(from)),
    signature('from', [day], ([from]) =>
      from instanceof FeelDateTime ? from : new FeelDateTime(from.unwrap().toPlainDateTime(), null),
    ),
    signature(
      'year, month, day, hour, minute, second',
      [whole, whole, whole, whole, whole, number],
      ([year, month, day, hour, minute, second]) => whenOf(year, month, day, hour, minute, second, null),
    ),
    signature(
      'year, month, day, hour, minute, second, offset',
      [whole, whole, whole, whole, whole, number, duration],
      ([year, month, day, hour, minute, second, offset]) =>
        whenOf(year, month, day, hour, minute, second, temporal.zoneOfOffset(offset)),
    ),
    signature(
      'year, month, day, hour, minute, second, timezone',
      [whole, whole, whole, whole, whole, number, text],
      ([year, month, day, hour, minute, second, zone]) => whenOf(year, month, day, hour, minute, second, zone),
    ),
  ),
  builtin(
    'duration',
    signature('from', [text], ([from]) => temporal.parseDuration(from)),
    signature('from', [duration], ([from]) => from),
  ),
  builtin(
    'years and months duration',
    signature('from, to', [day, day], ([from, to]) => monthsBetween(from, to)),
  ),
  builtin(
    '@',
    signature('from', [text], ([from]) => literal(from)),
  ),
  builtin(
    'not',
    signature('negand', [boolean], ([negand]) => !negand),
  ),
  builtin(
    'is',
    signature('value1, value2', [any, any], ([a, b], run) => isSame(a, b, run)),
  ),
  builtin(
    'is defined',
    signature('value', [any], ([value]) => value !== null),
  ),
  builtin(
    'get or else',
    signature('value, default', [any, any], ([value, otherwise]) => value ?? otherwise),
  ),
  builtin(
    'assert',
    signature('value, condition, cause', [any, any, optional(text)], ([value, condition, cause], run) => {
      if (condition === true) return value;
      return run.warn('ASSERT_FAILURE', cause ?? 'The condition is not fulfilled');
    }),
  ),
];

const NUMERIC = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,4})?$/;

function toNumber(from: string, group: string, point: string): number | undefined {
  if (!['', ' ', ',', '.'].includes(group) || !['.', ','].includes(point) || group === point) return undefined;
  const plain = (group === '' ? from : from.replaceAll(group, '')).replace(point, '.');
  if (!NUMERIC.test(plain) || (point === ',' && from.replaceAll(group, '').includes('.'))) return undefined;
  const value = Number(plain);
  return Number.isFinite(value) ? value : undefined;
}

function inZone(at: FeelDate | FeelDateTime, zone: string): FeelDateTime | undefined {
  if (!temporal.isZone(zone)) return undefined;
  const wall = at instanceof FeelDate ? at.unwrap().toPlainDateTime() : at.unwrap();
  if (!temporal.isZoned(at)) return new FeelDateTime(wall, zone);
  const instant = Temporal.Instant.fromEpochMilliseconds(Number(temporal.instantOf(at) / 1_000_000n));
  return new FeelDateTime(instant.toZonedDateTimeISO(zone).toPlainDateTime(), zone);
}

function whenOf(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
  zone: string | null,
): FeelDateTime | undefined {
  const onDay = temporal.makeDate(year, month, day);
  const at = temporal.makeTime(hour, minute, second, zone);
  return onDay === undefined || at === undefined ? undefined : temporal.combine(onDay, at);
}

/** Between the days: the time of day does not count. */
function monthsBetween(from: FeelDate | FeelDateTime, to: FeelDate | FeelDateTime): unknown {
  const { years, months } = temporal.dayOf(from).until(temporal.dayOf(to), { largestUnit: 'year' });
  return temporal.yearsMonths(years * 12 + months);
}

function literal(from: string): unknown {
  if (/^-?P/.test(from)) return temporal.parseDuration(from);
  if (/^-?\d{4,}-/.test(from)) return from.includes('T') ? temporal.parseDateTime(from) : temporal.parseDate(from);
  return temporal.parseTime(from);
}

/** Stricter than equality: the same kind, and the same zone for times. */
function isSame(a: unknown, b: unknown, run: Run): boolean {
  if (kindOf(a) !== kindOf(b)) return false;
  if ((a instanceof FeelTime && b instanceof FeelTime) || (a instanceof FeelDateTime && b instanceof FeelDateTime)) {
    const [x, y] = [a.zone, b.zone].map((zone) => (zone === null ? null : (temporal.offsetSeconds(zone) ?? zone)));
    return x === y && equals(a, b, run) === true;
  }
  return equals(a, b, run) === true;
}

/** The day of a text that says the time of day too. */
function dayOf(from: string): FeelDate | undefined {
  const at = temporal.parseDateTime(from);
  return at === undefined ? undefined : new FeelDate(at.unwrap().toPlainDate());
}
