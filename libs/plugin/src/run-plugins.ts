import { type Topics, defaultNamespace, topicsOf } from '@millrace/bus';
import { Kafka, type KafkaConfig } from 'kafkajs';
import { announcementOf } from './announcement.ts';
import { type Log, kafkaLog, stderrLog } from './log.ts';
import type { Plugin } from './plugin.ts';
import { PluginConsumer } from './plugin-consumer.ts';
import { Sender } from './sender.ts';
import { TopicWatch } from './topic-watch.ts';
import { within } from './within.ts';

export interface RunOptions {
  readonly brokers: readonly string[];
  readonly plugins: readonly Plugin[];
  /** What every topic name starts with; must be the engine's. Default `millrace.` */
  readonly namespace?: string;
  /** Processes that share a group id share the jobs. Each plugin has a group of its own, `{groupId}.{type}`. Default: the namespace
   *  and `plugins`. */
  readonly groupId?: string;
  /** TLS, SASL and whatever else kafkajs takes. */
  readonly kafka?: Partial<Omit<KafkaConfig, 'brokers'>>;
  /** Default: warnings and errors to stderr. */
  readonly log?: Log;
}

export interface RunningPlugins {
  /** Resolves when every plugin consumes. A plugin waits for its topic, which the first deployment that needs it creates. */
  readonly ready: Promise<void>;
  /** Takes no new jobs, finishes those in hand, commits, leaves the groups. What takes longer than `timeoutMs` (30 s by default) is aborted by
   *  its `signal`, and will run elsewhere. Ends a few seconds later at the latest, also when the broker is away. */
  stop(options?: { readonly timeoutMs?: number }): Promise<void>;
}

const STOP_TIMEOUT_MS = 30_000;
/** For leaving the groups and closing connections, behind the time for the jobs. */
const STOP_MS_MORE = 3_000;

/** Runs plugins until they are stopped. Waits for a broker that is not there yet, and for topics. */
export function runPlugins(options: RunOptions): RunningPlugins {
  const log = options.log ?? stderrLog;
  const topics = topicsOf(options.namespace ?? defaultNamespace);
  const groupId = options.groupId ?? `${topics.namespace}plugins`;
  const config = { clientId: 'millrace-plugin', ...options.kafka, brokers: [...options.brokers] };
  const kafka = new Kafka({ ...config, logCreator: kafkaLog(log) });
  const sender = new Sender(kafka, log);
  const stopping = new AbortController();
  const existing = new TopicWatch(config, log, stopping.signal);
  const consumers = options.plugins.map((plugin) => ({
    plugin,
    consumer: new PluginConsumer(plugin, { kafka, topics, groupId: `${groupId}.${plugin.type}`, replies: sender, log }),
  }));
  const starts = consumers.map(async ({ plugin, consumer }) => {
    if (!(await existing.waitFor(topics.job(plugin.type)))) return false;
    await consumer.start((error) => log.error(`${plugin.type}: stopped consuming: ${error.message}`));
    log.info(`${plugin.type}: consuming ${topics.job(plugin.type)}`);
    return true;
  });
  const announced = announce(options.plugins, topics, existing, sender).catch((error: unknown) => {
    log.warn(`could not announce the plugins: ${String(error)}`);
  });
  const ready = Promise.all(starts).then(() => undefined);
  ready.catch((error: unknown) => log.error(`a plugin could not start: ${String(error)}`));

  let stopped: Promise<void> | undefined;
  const stop = async (timeoutMs: number): Promise<void> => {
    const deadline = performance.now() + timeoutMs;
    const leftMs = (): number => Math.max(0, deadline - performance.now());
    stopping.abort();
    const stops = consumers.map(async ({ consumer }, index) => {
      const hasStarted = await starts[index]?.catch(() => false);
      if (hasStarted === true) await consumer.stop(leftMs());
    });
    // Where the broker is away, one may still be starting: it is stopped as soon as it has started.
    await within(timeoutMs + STOP_MS_MORE, Promise.all(stops));
    await within(leftMs(), announced);
    await sender.close(leftMs());
    await within(STOP_MS_MORE, existing.close());
  };
  return { ready, stop: ({ timeoutMs = STOP_TIMEOUT_MS } = {}) => (stopped ??= stop(timeoutMs)) };
}

async function announce(
  plugins: readonly Plugin[],
  topics: Topics,
  existing: TopicWatch,
  sender: Sender,
): Promise<void> {
  if (!(await existing.waitFor(topics.plugins))) return;
  for (const plugin of plugins) {
    const value = JSON.stringify(announcementOf(plugin, new Date()));
    await sender.send({ topic: topics.plugins, key: plugin.type, value, headers: {} });
  }
}
