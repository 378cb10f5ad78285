import { FeelDate, FeelDateTime, FeelDuration, FeelTime } from 'feelin';
import { isYearsMonths } from './values.ts';

/** Dates, times and durations: feelin's values, made, compared and computed by the Temporal that they wrap. */

const DATE = /^(-?(?:[1-9]\d{4,8}|\d{4}))-(\d\d)-(\d\d)$/;
const TIME = /^(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d(?::\d\d)?|@[\w+/-]+)?$/i;
const DURATION =
  /^(-?)P(?=\d|T\d)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d*))?S)?)?$/;
const OFFSET = /^([+-])(\d\d):(\d\d)(?::(\d\d))?$/;
const END_OF_DAY = /^24:00:00(?![.\d]*[1-9])/;
const NS_PER_SECOND = 1_000_000_000n;

/** Whatever Temporal refuses (a 30 February, a year beyond its calendar) is no value. */
function attempt<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError) return undefined;
    throw error;
  }
}

export function makeDate(year: number, month: number, day: number): FeelDate | undefined {
  return attempt(() => new FeelDate(Temporal.PlainDate.from({ year, month, day }, { overflow: 'reject' })));
}

export function parseDate(text: string): FeelDate | undefined {
  const match = DATE.exec(text);
  if (match === null || /^-0+$/.test(match[1] ?? '')) return undefined;
  return makeDate(Number(match[1]), Number(match[2]), Number(match[3]));
}

export function makeTime(
  hour: number,
  minute: number,
  second: number,
  zone: string | null = null,
): FeelTime | undefined {
  const whole = Math.floor(second);
  const nanoseconds = Math.round((second - whole) * 1e9);
  if (!isZone(zone)) return undefined;
  return attempt(() => {
    const time = Temporal.PlainTime.from(
      {
        hour,
        minute,
        second: whole,
        millisecond: Math.floor(nanoseconds / 1e6),
        microsecond: Math.floor(nanoseconds / 1e3) % 1000,
        nanosecond: nanoseconds % 1000,
      },
      { overflow: 'reject' },
    );
    return new FeelTime(time, zone);
  });
}

export function parseTime(text: string): FeelTime | undefined {
  const match = TIME.exec(text);
  if (match === null) return undefined;
  const [, hour, minute, second, fraction = '', suffix] = match;
  const zone = suffix === undefined ? null : zoneOfSuffix(suffix);
  if (!isZone(zone) || Number(second) > 59 || Number(hour) > 23) return undefined;
  const digits = fraction.slice(0, 9);
  const plain = `${hour}:${minute}:${second}${digits === '' ? '' : `.${digits}`}`;
  return attempt(() => new FeelTime(Temporal.PlainTime.from(plain), zone));
}

/** A date alone is its midnight; the end of a day, 24:00:00, is the midnight of the next. */
export function parseDateTime(text: string): FeelDateTime | undefined {
  const split = text.indexOf('T');
  const date = parseDate(split === -1 ? text : text.slice(0, split));
  const ofDay = split === -1 ? '00:00:00' : text.slice(split + 1);
  const isEnd = END_OF_DAY.test(ofDay);
  const time = parseTime(isEnd ? ofDay.replace('24', '00') : ofDay);
  if (date === undefined || time === undefined) return undefined;
  return isEnd ? attempt(() => combine(new FeelDate(date.unwrap().add({ days: 1 })), time)) : combine(date, time);
}

export function combine(date: FeelDate | FeelDateTime, time: FeelTime): FeelDateTime {
  return new FeelDateTime(dayOf(date).toPlainDateTime(time.unwrap()), time.zone);
}

export function dayOf(date: FeelDate | FeelDateTime): Temporal.PlainDate {
  return date instanceof FeelDate ? date.unwrap() : date.unwrap().toPlainDate();
}

export function parseDuration(text: string): FeelDuration | undefined {
  const match = DURATION.exec(text);
  if (match === null) return undefined;
  const [, minus = '', years, months, days, hours, minutes, seconds, fraction = ''] = match;
  const sign = minus === '-' ? -1 : 1;
  const isOfMonths = years !== undefined || months !== undefined;
  const isOfTime = [days, hours, minutes, seconds].some((part) => part !== undefined);
  if (isOfMonths && isOfTime) return undefined; // FEEL has either kind, not a mixture.
  if (isOfMonths) return yearsMonths(sign * (Number(years ?? 0) * 12 + Number(months ?? 0)));
  const total =
    ((BigInt(days ?? 0) * 24n + BigInt(hours ?? 0)) * 60n + BigInt(minutes ?? 0)) * 60n + BigInt(seconds ?? 0);
  return daysTime(BigInt(sign) * (total * NS_PER_SECOND + BigInt(fraction.slice(0, 9).padEnd(9, '0'))));
}

export function yearsMonths(months: number): FeelDuration | undefined {
  if (!Number.isSafeInteger(months)) return undefined;
  const size = Math.abs(months);
  const text = `${months < 0 ? '-' : ''}P${Math.floor(size / 12)}Y${size % 12}M`;
  const value = attempt(() => Temporal.Duration.from(text));
  if (value === undefined) return undefined;
  return attempt(() => new FeelDuration(value, true)) ?? longDuration(value);
}

/** feelin counts years and months from a date, and there are dates for half a million years only; this one is in normal form already. */
function longDuration(value: Temporal.Duration): FeelDuration {
  const duration = new FeelDuration(new Temporal.Duration(), true);
  return Object.assign(duration, { value, iso: value.toString() });
}

function daysTime(nanoseconds: bigint): FeelDuration | undefined {
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  const seconds = size / NS_PER_SECOND;
  const fraction = String(size % NS_PER_SECOND).padStart(9, '0');
  const text = `${nanoseconds < 0n ? '-' : ''}PT${seconds}.${fraction}S`;
  return attempt(() => new FeelDuration(Temporal.Duration.from(text), false));
}

/** Of a years and months duration. */
export function monthsOf(duration: FeelDuration): number {
  const { years, months } = duration.unwrap();
  return years * 12 + months;
}

/** Of a days and time duration. */
export function nanosecondsOf(duration: FeelDuration): bigint {
  const d = duration.unwrap();
  const seconds = ((BigInt(d.days) * 24n + BigInt(d.hours)) * 60n + BigInt(d.minutes)) * 60n + BigInt(d.seconds);
  return (
    seconds * NS_PER_SECOND +
    BigInt(d.milliseconds) * 1_000_000n +
    BigInt(d.microseconds) * 1000n +
    BigInt(d.nanoseconds)
  );
}

/** `duration` times a number, or its quotient; months are cut to whole ones. */
export function scale(duration: FeelDuration, compute: (amount: number) => number): FeelDuration | undefined {
  if (isYearsMonths(duration)) return yearsMonths(Math.trunc(compute(monthsOf(duration))));
  const nanoseconds = compute(Number(nanosecondsOf(duration)));
  return Number.isFinite(nanoseconds) ? daysTime(BigInt(Math.round(nanoseconds))) : undefined;
}

export function negate(duration: FeelDuration): FeelDuration {
  return new FeelDuration(duration.unwrap().negated(), isYearsMonths(duration));
}

export function addDurations(a: FeelDuration, b: FeelDuration): FeelDuration | undefined {
  if (isYearsMonths(a) !== isYearsMonths(b)) return undefined;
  return isYearsMonths(a) ? yearsMonths(monthsOf(a) + monthsOf(b)) : daysTime(nanosecondsOf(a) + nanosecondsOf(b));
}

/** A date stays a date (the time of the sum is cut off), a time goes round the clock and takes no months. */
export function addToInstant(
  instant: FeelDate | FeelTime | FeelDateTime,
  duration: FeelDuration,
): FeelDate | FeelTime | FeelDateTime | undefined {
  const amount = duration.unwrap();
  return attempt(() => {
    if (instant instanceof FeelDate) {
      if (isYearsMonths(duration)) return new FeelDate(instant.unwrap().add(amount));
      return new FeelDate(instant.unwrap().toPlainDateTime().add(amount).toPlainDate());
    }
    if (instant instanceof FeelTime) {
      return isYearsMonths(duration) ? undefined : new FeelTime(instant.unwrap().add(amount), instant.zone);
    }
    const { zone } = instant;
    if (zone === null || offsetSeconds(zone) !== undefined) return new FeelDateTime(instant.unwrap().add(amount), zone);
    return new FeelDateTime(instant.unwrap().toZonedDateTime(zone).add(amount).toPlainDateTime(), zone);
  });
}

/** Undefined when one has a zone and the other has not: nobody knows what lies between them. */
export function between(
  a: FeelDate | FeelTime | FeelDateTime,
  b: FeelDate | FeelTime | FeelDateTime,
): FeelDuration | undefined {
  if (a instanceof FeelTime !== b instanceof FeelTime) return undefined;
  const bothDates = a instanceof FeelDate && b instanceof FeelDate;
  // A date stands for its midnight in UTC: beside a date and time without a zone, nobody knows where that is.
  const zonedA = a instanceof FeelDate ? !bothDates : isZoned(a);
  const zonedB = b instanceof FeelDate ? !bothDates : isZoned(b);
  if (zonedA !== zonedB) return undefined;
  return daysTime(instantOf(a) - instantOf(b));
}

export function isZoned(value: FeelDate | FeelTime | FeelDateTime): boolean {
  return !(value instanceof FeelDate) && value.zone !== null;
}

const EPOCH = Temporal.PlainDate.from('1970-01-01');

/** In ns since the epoch; wall time counts as UTC, a time of day as one of the first day. */
export function instantOf(value: FeelDate | FeelTime | FeelDateTime): bigint {
  if (value instanceof FeelDate) return value.unwrap().toZonedDateTime('UTC').epochNanoseconds;
  const wall = value instanceof FeelTime ? EPOCH.toPlainDateTime(value.unwrap()) : value.unwrap();
  const { zone } = value;
  const offset = zone === null ? 0 : offsetSeconds(zone);
  if (offset === undefined) return wall.toZonedDateTime(zone as string).epochNanoseconds;
  return wall.toZonedDateTime('UTC').epochNanoseconds - BigInt(offset) * NS_PER_SECOND;
}

/** Of a fixed offset, in seconds; undefined for a named zone. */
export function offsetSeconds(zone: string): number | undefined {
  if (zone === 'UTC') return 0;
  const match = OFFSET.exec(zone);
  if (match === null) return undefined;
  const [, sign, hours, minutes, seconds = '0'] = match;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds));
}

/** What the clock of a value's zone is ahead of UTC at that value. */
export function offsetOf(value: FeelTime | FeelDateTime): FeelDuration | undefined {
  if (value.zone === null) return undefined;
  const fixed = offsetSeconds(value.zone);
  if (fixed !== undefined) return daysTime(BigInt(fixed) * NS_PER_SECOND);
  const wall = value instanceof FeelTime ? EPOCH.toPlainDateTime(value.unwrap()) : value.unwrap();
  return daysTime(BigInt(wall.toZonedDateTime(value.zone).offsetNanoseconds));
}

export function zoneOfOffset(offset: FeelDuration | null | undefined): string | null {
  if (offset === null || offset === undefined) return null;
  const total = nanosecondsOf(offset) / NS_PER_SECOND;
  const size = total < 0n ? -total : total;
  const two = (n: bigint): string => String(n).padStart(2, '0');
  const seconds = size % 60n === 0n ? '' : `:${two(size % 60n)}`;
  if (total === 0n) return 'UTC';
  return `${total < 0n ? '-' : '+'}${two(size / 3600n)}:${two((size / 60n) % 60n)}${seconds}`;
}

function zoneOfSuffix(suffix: string): string {
  if (/^z$/i.test(suffix)) return 'UTC';
  return suffix.startsWith('@') ? suffix.slice(1) : suffix;
}

const OFFSET_SECONDS_MAX = 18 * 3600;

export function isZone(zone: string | null): boolean {
  if (zone === null) return true;
  const fixed = offsetSeconds(zone);
  if (fixed !== undefined) return Math.abs(fixed) <= OFFSET_SECONDS_MAX && !/:[6-9]\d/.test(zone);
  return /^[A-Za-z]/.test(zone) && attempt(() => EPOCH.toZonedDateTime(zone)) !== undefined;
}

/** ISO 8601; years beyond four digits as FEEL writes them, without a plus sign or zeros before. */
export function temporalText(value: FeelDate | FeelTime | FeelDateTime | FeelDuration): string {
  return value
    .toJSON()
    .replace(/^([+-])0*(\d{4,}-)/, (_, sign: string, year: string) => (sign === '-' ? '-' : '') + year);
}
