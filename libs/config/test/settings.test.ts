import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import { type SettingsTable, SettingsError, address, flag, helpText, readSettings } from '../src/index.ts';

const table = {
  http: { schema: address.prefault('127.0.0.1:8080'), flag: 'http', variable: 'X_HTTP', help: 'where to listen' },
  fsync: {
    schema: z.enum(['always', 'never']).default('always'),
    flag: 'fsync',
    variable: 'X_FSYNC',
    help: 'when to sync',
  },
  demo: { schema: flag.default(true), flag: 'demo', variable: 'X_DEMO', help: 'run the demo' },
  secret: { schema: z.string().optional(), variable: 'X_SECRET', help: 'a secret' },
} as const satisfies SettingsTable;

function problemsOf(args: string[], environment: Record<string, string> = {}): readonly string[] {
  try {
    readSettings(table, args, environment);
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
}

describe('readSettings', () => {
  it('takes the flag before the variable before the default', () => {
    expect(readSettings(table, ['--http', '127.0.0.1:1'], { X_HTTP: '127.0.0.1:2', X_FSYNC: 'never' })).toEqual({
      http: { host: '127.0.0.1', port: 1 },
      fsync: 'never',
      demo: true,
      secret: undefined,
    });
  });

  it('takes an empty variable as not set', () => {
    expect(readSettings(table, [], { X_FSYNC: '' }).fsync).toBe('always');
  });

  it('reports every problem at once, by flag and variable', () => {
    const problems = problemsOf(['--http', 'nowhere'], { X_FSYNC: 'sometimes', X_DEMO: 'perhaps' });
    expect(problems).toHaveLength(3);
    expect(problems[0]).toContain('--http (X_HTTP): expected host:port');
    expect(problems[1]).toContain('--fsync (X_FSYNC)');
    expect(problems[2]).toContain('--demo (X_DEMO): expected true or false');
  });

  it.for([['--nonsense', '1'], ['stray'], ['--secret', 'x']])('refuses %s, which is no flag of it', (args) => {
    expect(problemsOf(args)).toHaveLength(1);
  });

  it.for([
    ['[::1]:9092', { host: '::1', port: 9092 }],
    ['localhost:0', { host: 'localhost', port: 0 }],
  ] as const)('reads the address %s', ([text, expected]) => {
    expect(readSettings(table, ['--http', text], {}).http).toEqual(expected);
  });

  it.for(['127.0.0.1', ':80', '127.0.0.1:70000', '::1:80', ''])('refuses the address "%s"', (text) => {
    expect(problemsOf([`--http=${text}`])).toHaveLength(1);
  });
});

it('lists each setting with its default in the help text', () => {
  expect(helpText(table)).toBe(
    [
      '  --http   X_HTTP    where to listen (127.0.0.1:8080)',
      '  --fsync  X_FSYNC   when to sync ("always")',
      '  --demo   X_DEMO    run the demo (true)',
      '           X_SECRET  a secret',
    ].join('\n'),
  );
});
