import { describe, expect, it } from 'vitest';
import { duration, parseDuration } from '../src/index.ts';

describe('duration', () => {
  it.for([
    ['500ms', 500],
    ['30s', 30_000],
    ['2m', 120_000],
    ['1h', 3_600_000],
    ['0s', 0],
    ['PT30S', 30_000],
    ['PT1H30M', 5_400_000],
    ['PT0.5S', 500],
    ['PT1.25S', 1_250],
    ['P1D', 86_400_000],
    ['P1W', 604_800_000],
    ['P1DT12H', 129_600_000],
    ['PT0S', 0],
  ] as const)('reads %s as %d ms', ([text, ms]) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.for([
    '',
    '30',
    's',
    '1.5s',
    '-1s',
    '1d',
    ' 1s',
    '9999999999s',
    'P',
    'PT',
    'P1DT',
    'P1M',
    'P1Y',
    '-PT1S',
    'PT1M30',
    'P1H',
    'pt1s',
  ])('does not take %j for a duration', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it('refuses what is longer than the call allows, naming the bound', () => {
    const schema = duration(60_000);
    expect(schema.safeParse('60s').success).toBe(true);
    expect(schema.safeParse('61s').error?.issues[0]?.message).toContain('at most 60s');
  });
});
