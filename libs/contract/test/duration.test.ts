import { describe, expect, it } from 'vitest';
import { duration, parseDuration } from '../src/index.ts';

describe('duration', () => {
  it.for([
    ['500ms', 500],
    ['30s', 30_000],
    ['2m', 120_000],
    ['1h', 3_600_000],
    ['0s', 0],
  ] as const)('reads %s as %d ms', ([text, ms]) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.for(['', '30', 's', '1.5s', '-1s', '1d', ' 1s', '9999999999s'])('does not take %j for a duration', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it('refuses what is longer than the call allows, naming the bound', () => {
    const schema = duration(60_000);
    expect(schema.safeParse('60s').success).toBe(true);
    expect(schema.safeParse('61s').error?.issues[0]?.message).toContain('at most 60s');
  });
});
