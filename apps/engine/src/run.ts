import { join } from 'node:path';
import { topicsOf } from '@millrace/bus';
import { createClient } from '@millrace/client';
import { kafkaAccessOf } from '@millrace/config';
import { createHttpServer, serve } from '@millrace/http';
import { openEventLog, startProjection } from '@millrace/projection';
import { createRuntime } from '@millrace/runtime';
import { systemClock } from '@millrace/std';
import { pino } from 'pino';
import { startPluginRegistry } from './plugin-registry.ts';
import { registerEngine } from './register-engine.ts';
import type { EngineSettings } from './settings.ts';

/**
 * The engine service as a process of its own: several of them share the partitions by consumer group. Returns how to close
 * it; `onFailure` is called when it can no longer go on.
 */
export async function start(
  settings: EngineSettings,
  onFailure: (error: unknown) => void,
): Promise<() => Promise<void>> {
  const logger = pino({ name: 'engine', level: settings.logLevel }, pino.destination({ dest: 1, sync: true }));
  const client = createClient({ brokers: settings.brokers, clientId: 'millrace-engine', ...kafkaAccessOf(settings) });
  const runtime = createRuntime({
    client,
    storeDirectory: join(settings.data, 'engine'),
    namespace: settings.namespace,
    partitions: settings.partitions,
    replicationFactor: settings.replicationFactor,
    mode: 'group',
    logger,
  });
  await runtime.start();
  const projection = await startProjection({
    log: await openEventLog(client, topicsOf(settings.namespace).events),
    directory: join(settings.data, 'projection'),
    clock: systemClock,
    logger,
  });
  projection.failed.catch(onFailure);
  const plugins = await startPluginRegistry(client, topicsOf(settings.namespace).plugins, logger);
  const server = createHttpServer({ logger });
  await registerEngine(server, { runtime, projection, plugins, clock: systemClock });
  const served = await serve(server, settings.http, systemClock);
  logger.info({ url: served.url, brokers: settings.brokers }, 'listening');
  // The reverse of the start: calls in flight still get their answers, which the runtime makes and the projection tells.
  return async () => {
    await served.close();
    await plugins.close();
    await projection.close();
    await runtime.stop();
    client.close();
  };
}
