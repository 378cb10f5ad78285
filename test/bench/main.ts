/**
 * The figures of the README. `npm run bench` measures all but the soak and the opening; `npm run bench broker`, or one of its
 * parts (`produce`, `consume`, `latency`, `many`), or `system`; `npm run bench soak -- --minutes 10`;
 * `npm run bench opening -- --gigabytes 10`; `npm run bench kafka`, against Apache Kafka (needs a JDK and Maven); `npm run bench restate`, against
 * Restate (from npm); `npm run bench waiting -- --instances 100000`; `npm run bench loop -- --items 100000`.
 */
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';

import { brokerParts } from './broker.ts';
import { printTable, type Row } from './table.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: 'string', default: '1' },
    gigabytes: { type: 'string', default: '10' },
    instances: { type: 'string', default: '100000' },
    items: { type: 'string', default: '100000' },
  },
});

const suites: Readonly<Record<string, () => Promise<readonly Row[]>>> = {
  ...brokerParts,
  engine: async () => (await import('./engine.ts')).benchEngine(),
  system: async () => (await import('./system.ts')).benchSystem(),
  opening: async () => (await import('./broker/opening.ts')).benchOpening(Number(values.gigabytes)),
  kafka: async () => (await import('./kafka.ts')).compareWithKafka(),
  restate: async () => (await import('./restate.ts')).compareWithRestate(),
  waiting: async () => (await import('./waiting.ts')).benchWaiting(Number(values.instances)),
  loop: async () => (await import('./loop.ts')).benchLoop(Number(values.items)),
  soak: async () => (await import('./broker/soak.ts')).soak(Number(values.minutes)),
};

const asked = positionals.length === 0 ? ['broker', 'engine', 'system'] : positionals;
const wanted = asked.flatMap((name) => (name === 'broker' ? Object.keys(brokerParts) : [name]));
const unknown = wanted.filter((name) => !(name in suites));
if (unknown.length > 0) {
  console.error(`expected some of broker, ${Object.keys(suites).join(', ')}, found ${unknown.join(', ')}`);
  process.exit(2);
}

const model = cpus()[0]?.model ?? 'unknown processor';
console.log(
  `${cpus().length} × ${model}, ${(totalmem() / 2 ** 30).toFixed(0)} GB, Node ${process.version}, ${process.platform}`,
);
for (const name of wanted) printTable(name, (await suites[name]?.()) ?? []);
