import { describe, expect, it } from 'vitest';
import { type TimerKind, addDuration, checkTimer, parseTimer } from '../src/index.ts';

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
    ['cycle', '0 0 9 * * MON'],
  ])('refuses the %s %j', ([kind, text]) => {
    expect(checkTimer(kind, text)).toMatch(/^expected a .*, found "/);
  });

  it('gives the interval from which the next firing follows', () => {
    const cycle = parseTimer('cycle', 'R/P1M', now);
    const interval = 'interval' in cycle ? (cycle.interval ?? '') : '';
    expect(addDuration(now, interval)).toBe(at('2026-02-28T10:00:00Z'));
  });
});
