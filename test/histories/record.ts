import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { parseScript } from '../scenarios/script.ts';
import type { Line } from './history.ts';
import { goInSmallestSteps } from './smallest-steps.ts';

/**
 * `npx node test/histories/record.ts 0.2.0` records what this version does in the scenarios, once; with `in-steps` behind it, what it does when
 * every way is cut wherever it can be, beside the others of the version.
 */
const [, , version, how] = process.argv;
if (how !== undefined && how !== 'in-steps') throw new Error(`expected in-steps or nothing, found "${how}"`);
if (how === 'in-steps') goInSmallestSteps();
const { Stage } = await import('../scenarios/stage.ts');
const { rowsOf } = await import('./history.ts');
if (version === undefined || !/^\d+\.\d+\.\d+(-\d+)?$/.test(version))
  throw new Error(`expected a version as 0.2.0, or 0.2.0-2 for what came later, found "${version ?? ''}"`);
const directory = new URL(`./${version}${how === undefined ? '' : `-${how}`}/`, import.meta.url);
if (existsSync(directory)) throw new Error(`expected no histories of ${version}: what was recorded stays as it is`);
mkdirSync(directory);

const scripts = new URL('../scenarios/', import.meta.url);
// The workflow patterns are made of the elements that the others show.
const isRecorded = (name: string): boolean => name.endsWith('.txt') && !name.startsWith('wcp-');
for (const name of readdirSync(scripts).filter(isRecorded)) {
  const lines = await record(readFileSync(new URL(name, scripts), 'utf8'));
  const file = new URL(name.replace(/txt$/, 'jsonl'), directory);
  writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

async function record(text: string): Promise<Line[]> {
  const script = parseScript(text);
  const stage = await Stage.of(script);
  const { partitions } = stage.cluster;
  const taken = partitions.map(() => 0);
  const lines: Line[] = [];
  for (const step of ['', ...script.steps.map((one) => one.text)]) {
    if (step !== '') stage.take(step);
    for (const [partition, { log }] of partitions.entries()) {
      for (const bytes of log.slice(taken[partition])) {
        lines.push({ event: JSON.parse(Buffer.from(bytes).toString()) as object, partition });
      }
      taken[partition] = log.length;
    }
    lines.push({ after: step === '' ? 'the deployment' : step, rows: partitions.map(({ state }) => rowsOf(state)) });
  }
  return lines;
}
