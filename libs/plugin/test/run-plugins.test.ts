import { pluginAnnouncement } from '@millrace/contract';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Job, type Log, type Plugin, type RunningPlugins, definePlugin, runPlugins } from '../src/index.ts';
import { BusFixture, topics } from './bus-fixture.ts';

const jobTopic = topics.job('credit-check');
const groupId = `${topics.namespace}plugins.credit-check`;
const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** A handler that finishes when it is told to. */
class Gate {
  #open: () => void = () => undefined;
  readonly opened = new Promise<void>((resolve) => {
    this.#open = resolve;
  });
  open(): void {
    this.#open();
  }
}

function creditCheck(handler: (customerId: string, job: Job) => Promise<void> | void, concurrency = 16): Plugin {
  return definePlugin({
    type: 'credit-check',
    concurrency,
    input: z.object({ customerId: z.string() }),
    output: z.object({ checked: z.string() }),
    async handler({ customerId }, job) {
      await handler(customerId, job);
      return { checked: customerId };
    },
  });
}

describe('runPlugins', () => {
  let bus: BusFixture;
  let running: RunningPlugins[] = [];
  const run = (plugin: Plugin): RunningPlugins => {
    const started = runPlugins({ brokers: bus.brokers, plugins: [plugin], log: silent });
    running.push(started);
    return started;
  };
  const checked = (): string[] =>
    bus.replies.map(({ value }) => String((value as { checked?: unknown }).checked)).sort();

  beforeEach(async () => {
    bus = await BusFixture.start();
  });
  afterEach(async () => {
    await Promise.all(running.map(async (plugins) => plugins.stop({ timeoutMs: 0 })));
    running = [];
    await bus.stop();
  });

  it('waits for its topic, then answers jobs with their headers and the instance as key', async () => {
    const plugins = run(creditCheck(() => undefined));
    await bus.createTopic(jobTopic, 2);
    await plugins.ready;
    await bus.offer('commit', { jobKey: 'j-1', attempt: 2 });
    const [reply] = await bus.repliesUpTo(1);
    expect(reply).toMatchObject({
      key: '01890000-0000-8000-8000-000000000001',
      value: { checked: 'c-1' },
      headers: { 'mr-job': 'j-1', 'mr-attempt': '2', destinationId: 'Check', 'mr-type': 'credit-check' },
    });
  });

  it('C2: never sees a job whose transaction was aborted', async () => {
    await bus.createTopic(jobTopic, 1);
    await bus.offer('abort', { variables: { customerId: 'aborted' } });
    await bus.offer('commit', { variables: { customerId: 'a' } });
    await bus.offer('abort', { variables: { customerId: 'aborted' } });
    await bus.offer('commit', { variables: { customerId: 'b' } });
    run(creditCheck(() => undefined));
    await bus.repliesUpTo(2);
    expect(checked()).toEqual(['a', 'b']);
  });

  it('lets a slow job hold back nothing behind it, and commits nothing past it', async () => {
    await bus.createTopic(jobTopic, 1);
    const plugins = run(creditCheck((id) => (id === 'slow' ? new Gate().opened : undefined)));
    await bus.offer('commit', { variables: { customerId: 'slow' } });
    await bus.offer('commit', ...['a', 'b', 'c'].map((customerId) => ({ variables: { customerId } })));
    await bus.repliesUpTo(3);
    expect(checked()).toEqual(['a', 'b', 'c']);
    await plugins.stop({ timeoutMs: 0 });
    expect(await bus.committed(groupId, jobTopic)).toBe(0);
  });

  it('runs no more jobs at a time than it is told to', async () => {
    let atATime = 0;
    let most = 0;
    const plugin = creditCheck(async () => {
      most = Math.max(most, ++atATime);
      await new Promise((resolve) => setImmediate(resolve));
      atATime -= 1;
    }, 3);
    await bus.createTopic(jobTopic, 2);
    run(plugin);
    await bus.offer('commit', ...Array.from({ length: 20 }, (_, index) => ({ jobKey: `j-${index}` })));
    await bus.repliesUpTo(20);
    expect(most).toBe(3);
  });

  it('finishes the jobs in hand when it is stopped, and commits all of them', async () => {
    const gate = new Gate();
    const begun = new Gate();
    await bus.createTopic(jobTopic, 1);
    const plugins = run(
      creditCheck(async () => {
        begun.open();
        await gate.opened;
      }),
    );
    await bus.offer('commit', { variables: { customerId: 'a' } });
    await begun.opened;
    const stopped = plugins.stop();
    gate.open();
    await stopped;
    await bus.repliesUpTo(1);
    expect(await bus.committed(groupId, jobTopic)).toBe(await bus.end(jobTopic));
  });

  it('C1: repeats a job that a stop cut off, in the process that takes over', async () => {
    const begun = new Gate();
    await bus.createTopic(jobTopic, 1);
    const first = run(
      creditCheck(async (_id, { signal }) => {
        begun.open();
        await new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('aborted')));
        });
      }),
    );
    await bus.offer('commit', { variables: { customerId: 'a' } });
    await begun.opened;
    await first.stop({ timeoutMs: 0 });
    expect(bus.replies).toEqual([]);

    run(creditCheck(() => undefined));
    await bus.repliesUpTo(1);
    expect(checked()).toEqual(['a']);
  });

  it('R3: stops in its time also when the broker is gone, and leaves the job to be done again', async () => {
    const gate = new Gate();
    const begun = new Gate();
    await bus.createTopic(jobTopic, 1);
    const plugins = run(
      creditCheck(async () => {
        begun.open();
        await gate.opened;
      }),
    );
    await bus.offer('commit', { variables: { customerId: 'a' } });
    await begun.opened;
    await bus.stopBroker();
    gate.open();
    await plugins.stop({ timeoutMs: 100 });
    expect(bus.replies).toEqual([]);
  }, 20_000);

  it('announces itself on core.plugins', async () => {
    const read = new Promise<unknown>((resolve, reject) => {
      const consumer = bus.kafka.consumer({ groupId: 'reader', maxWaitTimeInMs: 100 });
      const following = async (): Promise<void> => {
        await consumer.connect();
        await consumer.subscribe({ topics: [topics.plugins], fromBeginning: true });
        await consumer.run({
          eachMessage: async ({ message }) => {
            resolve({ key: String(message.key), value: JSON.parse(String(message.value)) });
            setImmediate(() => void consumer.disconnect());
          },
        });
      };
      following().catch(reject);
    });
    run(creditCheck(() => undefined));
    const { key, value } = (await read) as { key: string; value: unknown };
    expect(key).toBe('credit-check');
    expect(pluginAnnouncement.parse(value).input).toMatchObject({ required: ['customerId'] });
  });
});
