/**
 * `node apps/examples/src/main.ts [type …]`: the demo's plugins as a process of their own, all of them or those named. Where the log is, and
 * how to get in, it reads from the environment (`MILLRACE_KAFKA` or `KAFKA_BROKERS`, `KAFKA_SSL`, `KAFKA_SASL_*`), as the other processes do.
 */
import { kafkaAccessOf, kafkaAccessSettings, kafkajsAccess, readSettings, SettingsError } from '@millrace/config';
import { demoTypes, startDemo } from './demo.ts';

function fail(...problems: readonly string[]): never {
  for (const problem of problems) console.error(problem);
  process.exit(2);
}

function accessOrExit() {
  try {
    return kafkajsAccess(kafkaAccessOf(readSettings(kafkaAccessSettings, [], process.env)));
  } catch (error) {
    if (error instanceof SettingsError) fail(...error.problems);
    throw error;
  }
}

const types = process.argv.slice(2);
const unknown = types.filter((type) => !demoTypes.includes(type));
if (unknown.length > 0) fail(`expected some of ${demoTypes.join(', ')}, found ${unknown.join(', ')}`);

const { MILLRACE_KAFKA, KAFKA_BROKERS, MILLRACE_NAMESPACE: namespace } = process.env;
const demo = startDemo({
  brokers: (KAFKA_BROKERS ?? MILLRACE_KAFKA ?? '127.0.0.1:9092').split(','),
  kafka: accessOrExit(),
  ...(namespace === undefined ? {} : { namespace }),
  ...(types.length === 0 ? {} : { types }),
  log: console,
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void demo.stop().then(() => process.exit(0));
  });
}
