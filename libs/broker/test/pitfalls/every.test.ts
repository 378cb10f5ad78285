import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const lib = join(import.meta.dirname, '../..');

/** Rows of the table in the README: a number, and the files whose tests name it. */
const rows = readFileSync(join(lib, 'README.md'), 'utf8')
  .split('\n')
  .flatMap((line): [number, string[]][] => {
    const [, number, files] = /^\| (\d+) \| [^|]+ \| ([^|]+) \|$/.exec(line) ?? [];
    return number === undefined || files === undefined ? [] : [[Number(number), files.split(',')]];
  });

function namesIn(file: string): string {
  const [, other, name] = /^(?:(\w+): )?(\S+)$/.exec(file.trim()) ?? [];
  const path = other === undefined ? join(lib, 'test') : join(lib, '..', other, 'test');
  return readFileSync(join(path, `${name}.test.ts`), 'utf8');
}

describe('the pitfalls of the README', () => {
  it('are all there', () => {
    expect(rows.map(([number]) => number)).toEqual(Array.from({ length: 44 }, (_, index) => index + 1));
  });

  it.for(rows)('have a test that names each: %i', ([number, files]) => {
    const named = new RegExp(`'pitfalls? (\\d+, )*${number}[,:]`);
    for (const file of files) expect(namesIn(file), `expected a test of pitfall ${number} in ${file}`).toMatch(named);
  });
});
