import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type TimerKind, checkTimer, nextDue, parseTimer } from '../src/index.ts';

const now = Date.parse('2026-01-31T10:00:00Z');
const at = (iso: string): number => Date.parse(iso);

describe('parseTimer', () => {
  it.for<[TimerKind, string, string, number | null]>([
    ['date', '2026-02-01T08:30:00Z', '2026-02-01T08:30:00Z', 1],
    ['date', '2026-02-01T08:30:00+02:00', '2026-02-01T06:30:00Z', 1],
    ['date', '2026-07-01T08:30:00@Europe/Paris', '2026-07-01T06:30:00Z', 1],
    ['date', '2026-02-01T08:30:00', '2026-02-01T08:30:00Z', 1],
    ['date', '2026-02-01', '2026-02-01T00:00:00Z', 1],
    ['duration', 'PT30S', '2026-01-31T10:00:30Z', 1],
    ['duration', 'PT0.5S', '2026-01-31T10:00:00.500Z', 1],
    ['duration', ' P1D ', '2026-02-01T10:00:00Z', 1],
    ['duration', 'P2W', '2026-02-14T10:00:00Z', 1],
    ['duration', 'P1Y2M3DT4H', '2027-04-03T14:00:00Z', 1],
    ['duration', '-PT1H', '2026-01-31T09:00:00Z', 1],
    ['cycle', 'R3/PT10S', '2026-01-31T10:00:10Z', 3],
    ['cycle', 'R/PT10S', '2026-01-31T10:00:10Z', null],
    ['cycle', 'R2/2026-03-01T00:00:00Z/P1M', '2026-03-01T00:00:00Z', 2],
    ['cycle', 'R/2026-03-01T00:00:00+02:00/P1D', '2026-02-28T22:00:00Z', null],
    ['cycle', '0 0 9 * * MON-FRI', '2026-02-02T09:00:00Z', null],
    ['cycle', '*/10 * * * * *', '2026-01-31T10:00:10Z', null],
    ['cycle', '5/20 30 10 * * ?', '2026-01-31T10:30:05Z', null],
    ['cycle', '0 0 0 L * *', '2026-02-28T00:00:00Z', null],
    ['cycle', '0 0 0 LW * *', '2026-02-27T00:00:00Z', null],
    ['cycle', '0 0 0 1W * *', '2026-02-02T00:00:00Z', null],
    ['cycle', '0 0 0 ? * FRI#2', '2026-02-13T00:00:00Z', null],
    ['cycle', '0 0 0 * * 5L', '2026-02-27T00:00:00Z', null],
    // Both the 13th and a Friday.
    ['cycle', '0 0 0 13 * FRI', '2026-02-13T00:00:00Z', null],
    ['cycle', '0 0 0 29 FEB *', '2028-02-29T00:00:00Z', null],
    ['cycle', '0 0 12 * * 7', '2026-02-01T12:00:00Z', null],
    ['cycle', '@yearly', '2027-01-01T00:00:00Z', null],
    ['cycle', '@monthly', '2026-02-01T00:00:00Z', null],
    ['cycle', '@weekly', '2026-02-01T00:00:00Z', null],
    ['cycle', '@daily', '2026-02-01T00:00:00Z', null],
    ['cycle', '@hourly', '2026-01-31T11:00:00Z', null],
  ])('reads the %s %s', ([kind, text, dueAt, repetitions]) => {
    expect(parseTimer(kind, text, now)).toMatchObject({ dueAt: at(dueAt), repetitions });
  });

  it.for<[TimerKind, string]>([
    ['date', 'tomorrow'],
    ['date', '2026-13-01T00:00:00Z'],
    ['date', '2026-02-01T08:30:00[Europe/Paris]'],
    ['date', '2026-02-01T08:30:00@Mars/Olympus'],
    ['duration', '30s'],
    ['duration', 'PT'],
    ['duration', ''],
    ['duration', 'P999999999Y'],
    ['cycle', 'PT10S'],
    ['cycle', 'R0/PT10S'],
    ['cycle', 'R-1/PT10S'],
    ['cycle', 'R3/PT0S'],
    ['cycle', 'R3/-PT1S'],
    ['cycle', '0 9 * * MON'],
    ['cycle', '0 0 9 * * MON 2026'],
    ['cycle', '0 0 25 * * *'],
    ['cycle', '0 0 0 31 2 *'],
    ['cycle', '? 0 0 * * *'],
    ['cycle', '@reboot'],
    ['cycle', '@sometimes'],
    ['cycle', 'R/2026-01-01T00:00:00Z'],
    ['cycle', 'R3/PT1H/2026-01-01T00:00:00Z'],
  ])('refuses the %s %j', ([kind, text]) => {
    expect(checkTimer(kind, text)).toMatch(/^expected a .*, found "/);
  });

  it('gives the interval from which the next firing follows', () => {
    const cycle = parseTimer('cycle', 'R/P1M', now);
    const interval = 'interval' in cycle ? (cycle.interval ?? '') : '';
    expect(nextDue(now, interval)).toBe(at('2026-02-28T10:00:00Z'));
  });

  const instant = fc.integer({ min: at('1990-01-01T00:00:00Z'), max: at('2090-01-01T00:00:00Z') });
  const two = (n: number): string => String(n).padStart(2, '0');

  it('reads every date with an offset as the instant that it is', () => {
    fc.assert(
      fc.property(instant, fc.integer({ min: -14 * 60, max: 14 * 60 }), (ms, offset) => {
        const wall = new Date(ms + offset * 60_000).toISOString().slice(0, -1);
        const zone = `${offset < 0 ? '-' : '+'}${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`;
        expect(parseTimer('date', wall + zone, 0)).toEqual({ dueAt: ms, repetitions: 1 });
      }),
    );
  });

  it('fires a cycle of a duration at regular times, however late each firing was', () => {
    fc.assert(
      fc.property(
        instant,
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.integer({ min: 1, max: 50 }),
        (ms, seconds, times) => {
          const text = `R${times}/PT${seconds}S`;
          const cycle = parseTimer('cycle', text, ms);
          if ('failure' in cycle) throw new Error(cycle.failure.message);
          expect(cycle.repetitions).toBe(times);
          let { dueAt } = cycle;
          for (let n = 1; n < times; n += 1) dueAt = nextDue(dueAt, cycle.interval ?? '') ?? Number.NaN;
          expect(dueAt).toBe(ms + times * seconds * 1000);
        },
      ),
    );
  });

  it('fires a cron expression only at times that fit it, and misses none', () => {
    const field = (max: number, min = 0): fc.Arbitrary<readonly number[] | undefined> =>
      fc.option(fc.uniqueArray(fc.integer({ min, max }), { minLength: 1, maxLength: 3 }), { nil: undefined });
    const write = (values: readonly number[] | undefined): string => values?.join(',') ?? '*';
    const fits = (values: readonly number[] | undefined, value: number): boolean => values?.includes(value) ?? true;
    fc.assert(
      fc.property(instant, field(59), field(59), field(23), field(6), (ms, seconds, minutes, hours, days) => {
        const text = `${write(seconds)} ${write(minutes)} ${write(hours)} * * ${write(days)}`;
        const matches = (time: number): boolean => {
          const date = new Date(time);
          const isTime = fits(seconds, date.getUTCSeconds()) && fits(minutes, date.getUTCMinutes());
          return isTime && fits(hours, date.getUTCHours()) && fits(days, date.getUTCDay());
        };
        const due = nextDue(ms, text) ?? Number.NaN;
        expect(due).toBeGreaterThan(ms);
        expect(due % 1000).toBe(0);
        expect(matches(due)).toBe(true);
        // Everything between would have to be missed by an hour's steps and by a minute's.
        for (let time = Math.ceil((ms + 1) / 1000) * 1000; time < Math.min(due, ms + 600_000); time += 1000) {
          expect(matches(time)).toBe(false);
        }
      }),
      { numRuns: 60 },
    );
  });
});
