import { FeelDate, FeelDateTime } from 'feelin';
import { instantOf, isZoned } from '../temporal.ts';
import { builtin, dateTime, day, number, signature } from './define.ts';

const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const;
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;

/** F1. The time is the one that was passed in, in UTC. */
export const temporalFunctions = [
  builtin(
    'now',
    signature('', [], (_, run) => utc(run.now)),
  ),
  builtin(
    'today',
    signature('', [], (_, run) => new FeelDate(utc(run.now).unwrap().toPlainDate())),
  ),
  builtin(
    'day of year',
    signature('date', [day], ([date]) => date.unwrap().dayOfYear),
  ),
  builtin(
    'day of week',
    signature('date', [day], ([date]) => DAYS[date.unwrap().dayOfWeek - 1]),
  ),
  builtin(
    'month of year',
    signature('date', [day], ([date]) => MONTHS[date.unwrap().month - 1]),
  ),
  builtin(
    'week of year',
    signature('date', [day], ([date]) => date.unwrap().weekOfYear),
  ),
  builtin(
    'last day of month',
    signature('date', [day], ([date]) => {
      const plain = date instanceof FeelDate ? date.unwrap() : date.unwrap().toPlainDate();
      return new FeelDate(plain.with({ day: plain.daysInMonth }));
    }),
  ),
  builtin(
    'from unix timestamp',
    signature('timestamp', [number], ([timestamp]) => at(timestamp)),
  ),
  builtin(
    'unix timestamp',
    signature('date and time', [dateTime], ([when]) =>
      isZoned(when) ? Number(instantOf(when) / 1_000_000n) : undefined,
    ),
  ),
];

function at(ms: number): FeelDateTime | undefined {
  return Math.abs(ms) <= 8.64e15 ? utc(ms) : undefined;
}

function utc(ms: number): FeelDateTime {
  const instant = Temporal.Instant.fromEpochMilliseconds(Math.trunc(ms));
  return new FeelDateTime(instant.toZonedDateTimeISO('UTC').toPlainDateTime(), 'UTC');
}
