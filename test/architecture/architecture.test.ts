import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

import { violations } from './check.ts';
import { partRules } from './rules.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

describe('the tree', () => {
  // Untracked files count too: the rule should bite before the commit.
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', 'libs', 'apps'], {
    cwd: root,
    encoding: 'utf8',
  })
    .split('\n')
    .filter((path) => existsSync(root + path));
  const sources = files.filter((path) => /^(libs|apps)\/[^/]+\/src\/.*\.ts$/.test(path));

  it('keeps the import direction and the bans of pure code', () => {
    expect(sources.length).toBeGreaterThan(0);
    expect(sources.flatMap((path) => violations(path, readFileSync(root + path, 'utf8')))).toEqual([]);
  });

  it('has a rule, a README and an index or a main for every part', () => {
    const parts = new Set(sources.map((path) => path.split('/').slice(0, 2).join('/')));
    expect([...parts].sort()).toEqual(Object.keys(partRules).sort());
    for (const part of parts) {
      expect(files, `expected ${part} to have a README.md`).toContain(`${part}/README.md`);
      expect(
        files.some((path) => path === `${part}/src/index.ts` || path === `${part}/src/main.ts`),
        `expected ${part} to have src/index.ts or src/main.ts`,
      ).toBe(true);
    }
  });

  it('holds at its top only what a newcomer expects there', () => {
    const allowed = [
      'package.json',
      'package-lock.json',
      'tsconfig.json',
      'apps',
      'libs',
      'docker',
      'test',
      'README.md',
    ];
    const config = ['LICENSE', 'biome.json', 'knip.json', 'vitest.config.ts'];
    const top = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' })
      .split('\n')
      .map((path) => path.split('/')[0] ?? '')
      .filter((name) => name !== '' && !name.startsWith('.'));
    expect([...new Set(top)].filter((name) => !allowed.includes(name) && !config.includes(name))).toEqual([]);
  });
});

describe('the check itself', () => {
  const engine = 'libs/engine/src/decide/start.ts';

  it.for([
    ['an upward import', 'libs/wire/src/x.ts', `import { a } from '@millrace/log';`, 'must not import libs/log'],
    ['a type-only upward import', 'libs/wire/src/x.ts', `import type { A } from '@millrace/log';`, 'libs/log'],
    ['a re-export', 'libs/wire/src/x.ts', `export * from '@millrace/broker';`, 'libs/broker'],
    ['a dynamic import', 'libs/wire/src/x.ts', `await import('@millrace/broker');`, 'libs/broker'],
    ['a lib importing an app', 'libs/runtime/src/x.ts', `import '@millrace/app-engine';`, 'apps/engine'],
    ['an app importing another app', 'apps/gateway/src/x.ts', `import '@millrace/app-engine';`, 'apps/engine'],
    ['testing outside tests', 'apps/engine/src/x.ts', `import '@millrace/testing';`, 'only tests do'],
    ['a path into another part', 'libs/log/src/x.ts', `import '../../wire/src/batch.ts';`, 'by their package name'],
    [
      'a deep import',
      'libs/log/src/x.ts',
      `import '@millrace/wire/src/batch.ts';`,
      'must import only what libs/wire exports',
    ],
    ['the engine in the plugin SDK', 'libs/plugin/src/x.ts', `import '@millrace/engine';`, 'libs/engine'],
    ['node: in the engine', engine, `import 'node:fs';`, 'must not import node:fs'],
    ['a package in the engine', engine, `import 'lodash';`, 'must not import the package lodash'],
    ['Date.now in the engine', engine, `const t = Date.now();`, 'Date.now'],
    ['a parsed Date in the engine', engine, `const t = new Date('2026-01-01');`, 'new Date'],
    ['Math.random in the engine', engine, `const r = Math.random();`, 'Math.random'],
    ['a timer in the engine', engine, `setTimeout(() => {}, 1);`, 'setTimeout'],
    ['an async function in the engine', engine, `export async function f() {}`, 'async function'],
    ['a promise in the engine', engine, `export const p = Promise.resolve(1);`, 'Promise.resolve'],
    ['the clock in the coordinator', 'libs/coordinator/src/x.ts', `const t = new Date();`, 'new Date'],
    ['a part without a rule', 'libs/unknown/src/x.ts', ``, 'to have a rule'],
  ] as const)('finds %s', ([, path, text, expected]) => {
    expect(violations(path, text).join('\n')).toContain(expected);
  });

  it('passes what is allowed', () => {
    expect(violations('libs/log/src/x.ts', `import { readBatchHeader } from '@millrace/wire';`)).toEqual([]);
    expect(violations('libs/bus/src/x.ts', `export const iso = (ms: number) => new Date(ms).toISOString();`)).toEqual(
      [],
    );
    expect(violations('libs/engine/src/decide/x.ts', `import { apply } from '../apply/apply.ts';`)).toEqual([]);
  });
});
