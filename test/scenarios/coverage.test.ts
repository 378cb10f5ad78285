import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { codeIn, tableRows } from './tables.ts';

const root = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const exists = (path: string): boolean => existsSync(new URL(path, root));
const isScript = (name: string): boolean => exists(`test/scenarios/${name}.txt`);

const elements = tableRows(read('libs/bpmn/README.md'));
const patterns = tableRows(read('test/scenarios/PATTERNS.md'));

describe('what libs/bpmn reads', () => {
  it.for(elements)('%s, %s: is run by tests and shown by scripts that exist', ([, , tests = '', scripts = '']) => {
    const names = codeIn(tests);
    const path = (name: string): string => (name.includes('/') ? name : `libs/engine/test/${name}`);
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => !exists(`${path(name)}.test.ts`))).toEqual([]);
    // What only the model knows about moves no token, and has no script.
    const isRun = names.some((name) => !name.startsWith('libs/bpmn/'));
    expect(codeIn(scripts).length > 0).toBe(isRun);
    expect(codeIn(scripts).filter((name) => !isScript(name))).toEqual([]);
  });
});

describe('the workflow patterns', () => {
  it('are all 43, in their order', () => {
    expect(patterns.map(([id]) => id)).toEqual(Array.from({ length: 43 }, (_, index) => `WCP-${index + 1}`));
  });

  it.for(patterns)(
    '%s, %s: is shown by scripts that exist, or out of reach for a reason',
    ([, , scripts = '', how = '']) => {
      expect(how).toMatch(/\w/);
      if (scripts === 'out of reach') return;
      expect(codeIn(scripts).length).toBeGreaterThan(0);
      expect(codeIn(scripts).filter((name) => !isScript(name))).toEqual([]);
    },
  );
});

describe('the scripts', () => {
  it('each show an element, a pattern, or what an operator does', () => {
    const named = new Set([...elements, ...patterns].flatMap((cells) => codeIn(`${cells[2]} ${cells[3]}`)));
    const operations = ['cancel-instance', 'suspend-instance', 'modify-instance', 'migrate-instance', 'batch'];
    const scripts = readdirSync(new URL('test/scenarios/', root)).filter((name) => name.endsWith('.txt'));
    const unnamed = scripts.map((name) => name.slice(0, -4)).filter((name) => !named.has(name));
    expect(unnamed.filter((name) => !operations.includes(name))).toEqual([]);
  });
});
