// The plugins of the model, in a process of their own, which can be killed.
import { definePlugin, runPlugins } from '@millrace/plugin';
import { z } from 'zod';

const [broker = ''] = process.argv.slice(2);
const step = (type: string) =>
  definePlugin({
    type,
    input: z.looseObject({}),
    output: z.looseObject({}),
    concurrency: 64,
    handler: () => ({ [type]: true }),
  });
runPlugins({ brokers: [broker], groupId: 'chaos', plugins: [step('chaos-reserve'), step('chaos-ship')] });
