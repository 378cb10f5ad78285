import { parseDateTime } from 'feelin';
import { nextOfCron } from './cron.ts';
import type { Failure } from './failure.ts';
import { quote } from './syntax.ts';

export type TimerKind = 'date' | 'duration' | 'cycle';

export interface TimerSchedule {
  /** When it fires (next), in ms since the epoch. May be in the past. */
  readonly dueAt: number;
  /** How often it fires in all, the firing at `dueAt` included; null for a cycle without end. 1 for date and duration. */
  readonly repetitions: number | null;
  /** What comes between two firings of a cycle, an ISO 8601 duration or a cron expression: give it to `nextDue` with the last `dueAt`. */
  readonly interval?: string;
}

export type TimerReading = TimerSchedule | { readonly failure: Failure };

/**
 * Reads an ISO 8601 timer, relative to `now` (ms since the epoch):
 * - `date`: `2026-01-31T10:00:00Z`, with an offset, with FEEL's `@Europe/Paris`, or without a zone, which is UTC;
 * - `duration`: `PT30S`, `P1Y2M3DT4H`, `P2W`; a negative one is due at once;
 * - `cycle`: `R3/PT10S` fires three times, `R/PT10S` without end, `R3/2026-01-31T10:00:00Z/PT10S` first at that time;
 *   or a cron expression in UTC, as `0 0 9 * * MON-FRI` or `@daily`, without end.
 */
export function parseTimer(kind: TimerKind, text: string, now: number): TimerReading {
  const trimmed = text.trim();
  if (kind === 'cycle') {
    return parseCycle(trimmed, now) ?? fail(CYCLE, text);
  }
  const dueAt = kind === 'date' ? parseInstant(trimmed) : addDuration(now, trimmed);
  if (dueAt !== undefined) return { dueAt, repetitions: 1 };
  return fail(kind === 'date' ? 'a date and time as 2026-01-31T10:00:00Z' : 'a duration as PT30S or P1D', text);
}

const CYCLE =
  'a cycle as R3/PT10S, whose duration is longer than nothing, or a cron expression of six fields as 0 0 9 * * MON-FRI';

/** When a cycle fires after it was due at `previous` (not after it was late): the same times, however late each was. */
export function nextDue(previous: number, interval: string): number | undefined {
  return /^[+-]?P/i.test(interval) ? addDuration(previous, interval) : nextOfCron(interval, previous);
}

/** `from` plus an ISO 8601 duration, in ms since the epoch; undefined when the text is not a duration or the sum is beyond
 *  the calendar. Months and years are the calendar's, in UTC: one month after 31 January is the end of February. */
function addDuration(from: number, duration: string): number | undefined {
  try {
    // Wall time may have fractions of a ms; an instant in ms may not.
    const start = Temporal.Instant.fromEpochMilliseconds(Math.trunc(from)).toZonedDateTimeISO('UTC');
    return start.add(Temporal.Duration.from(duration)).epochMilliseconds;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Says what is wrong with a literal timer, or undefined. */
export function checkTimer(kind: TimerKind, text: string): string | undefined {
  const reading = parseTimer(kind, text, 0);
  return 'failure' in reading ? reading.failure.message : undefined;
}

function parseCycle(text: string, now: number): TimerSchedule | undefined {
  const match = /^R(\d{0,9})\/(?:([^/]+)\/)?([^/]+)$/.exec(text);
  if (match === null) return parseCron(text, now);
  const [, count = '', start, interval = ''] = match;
  const repetitions = count === '' ? null : Number(count);
  if (repetitions === 0) return undefined;
  const next = addDuration(now, interval);
  // A cycle of length zero would fire for ever within one moment.
  if (next === undefined || next <= now) return undefined;
  const dueAt = start === undefined ? next : parseInstant(start);
  return dueAt === undefined ? undefined : { dueAt, repetitions, interval };
}

function parseCron(text: string, now: number): TimerSchedule | undefined {
  const dueAt = nextOfCron(text, now);
  return dueAt === undefined ? undefined : { dueAt, repetitions: null, interval: text };
}

function parseInstant(text: string): number | undefined {
  // Temporal reads `[Europe/Paris]`, FEEL writes `@Europe/Paris`; feelin would drop the former's zone without a word.
  const parsed = text.includes('[') ? undefined : parseDateTime(text);
  if (parsed === null || parsed === undefined) return undefined;
  try {
    const local = Temporal.PlainDateTime.from(parsed.unwrap().toString());
    return local.toZonedDateTime(parsed.zone ?? 'UTC').epochMilliseconds;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function fail(expected: string, found: string): { readonly failure: Failure } {
  return { failure: { message: `expected ${expected}, found ${quote(found)}` } };
}
