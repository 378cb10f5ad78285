/** `node apps/examples/src/main.ts [type …]`: the demo's plugins as a process of their own, all of them or those named. */
import { demoTypes, startDemo } from './demo.ts';

const types = process.argv.slice(2);
const unknown = types.filter((type) => !demoTypes.includes(type));
if (unknown.length > 0) {
  console.error(`expected some of ${demoTypes.join(', ')}, found ${unknown.join(', ')}`);
  process.exit(2);
}

const demo = startDemo({
  brokers: (process.env['MILLRACE_KAFKA'] ?? '127.0.0.1:9092').split(','),
  ...(process.env['MILLRACE_NAMESPACE'] === undefined ? {} : { namespace: process.env['MILLRACE_NAMESPACE'] }),
  ...(types.length === 0 ? {} : { types }),
  log: console,
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void demo.stop().then(() => process.exit(0));
  });
}
