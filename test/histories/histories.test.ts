import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { replay } from './history.ts';

const directory = new URL('./', import.meta.url);
const versions = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory());
const histories = versions.flatMap(({ name: version }) =>
  readdirSync(new URL(`${version}/`, directory)).map((file) => `${version}/${file}`),
);

describe('a history of an earlier version', () => {
  it('is there for the first version, and for every one since that changed what is recorded', () => {
    expect(versions.map(({ name }) => name)).toContain('0.1.0');
  });

  it.for(histories)('%s leads to the rows that it led to then', (path) => {
    let compared = 0;
    replay(readFileSync(new URL(path, directory), 'utf8'), ({ after, rows }, found) => {
      expect(found, `after ${after}`).toEqual(rows);
      compared += 1;
    });
    expect(compared).toBeGreaterThan(1);
  });
});
