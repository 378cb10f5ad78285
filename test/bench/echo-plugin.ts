// A plugin process of its own, as users run one: the SDK over kafkajs, doing nothing but answering.
import { definePlugin, runPlugins } from '@millrace/plugin';
import { z } from 'zod';

const [broker = ''] = process.argv.slice(2);
const echo = definePlugin({
  type: 'bench-work',
  input: z.looseObject({}),
  output: z.looseObject({}),
  concurrency: 256,
  handler: () => ({ isDone: true }),
});
const running = runPlugins({ brokers: [broker], groupId: 'bench', plugins: [echo] });
await running.ready;
console.log('running');
process.once('SIGTERM', () => void running.stop().then(() => process.exit(0)));
