import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseScript, withExpectations } from './script.ts';
import { Stage } from './stage.ts';

const directory = new URL('./', import.meta.url);
const scripts = readdirSync(directory).filter((name) => name.endsWith('.txt'));

/** `SCENARIOS=write` puts what was found into the scripts, to be read before it is committed; never where a build runs. */
const writes = process.env['SCENARIOS'] === 'write' && process.env['CI'] === undefined;

describe('a scenario', () => {
  it.for(scripts)('%s happens as it is written, and leaves nothing behind', async (name) => {
    const text = readFileSync(new URL(name, directory), 'utf8');
    const script = parseScript(text);
    const stage = await Stage.of(script);
    const found = script.steps.map(({ text: step }) => ({ text: step, expected: stage.take(step) }));
    const written = withExpectations(text, found);
    if (writes) writeFileSync(new URL(name, directory), written);
    expect(written).toBe(text);
    expect(stage.leftovers()).toEqual([]);
  });
});
