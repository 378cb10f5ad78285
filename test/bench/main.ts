/** `npm run bench [broker|system]`: the figures of the README. */
import { cpus, totalmem } from 'node:os';

import { printTable, type Row } from './table.ts';

const suites: Readonly<Record<string, () => Promise<readonly Row[]>>> = {
  broker: async () => (await import('./broker.ts')).benchBroker(),
  system: async () => (await import('./system.ts')).benchSystem(),
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in suites));
if (unknown.length > 0) {
  console.error(`expected some of ${Object.keys(suites).join(', ')}, found ${unknown.join(', ')}`);
  process.exit(2);
}

const model = cpus()[0]?.model ?? 'unknown processor';
console.log(
  `${cpus().length} × ${model}, ${(totalmem() / 2 ** 30).toFixed(0)} GB, Node ${process.version}, ${process.platform}`,
);
for (const [name, run] of Object.entries(suites)) {
  if (wanted.length === 0 || wanted.includes(name)) printTable(name, await run());
}
