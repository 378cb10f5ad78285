import { join } from 'node:path';
import { registerEngine, startPluginRegistry } from '@millrace/app-engine';
import { gatewayRoutes } from '@millrace/app-gateway';
import { topicsOf } from '@millrace/bus';
import { createClient } from '@millrace/client';
import { createHttpServer, serve } from '@millrace/http';
import { openEventLog, startProjection } from '@millrace/projection';
import { createRuntime } from '@millrace/runtime';
import { systemClock, systemRandom } from '@millrace/std';
import type { Logger } from 'pino';

import type { Closing } from './closing.ts';
import type { BusAccess } from './bus-access.ts';
import type { UpSettings } from './settings.ts';

export interface EngineSide {
  readonly settings: UpSettings;
  readonly bus: BusAccess;
  readonly logger: Logger;
  readonly closing: Closing;
}

/** Everything but the log: runtime, read models, REST and notifications on one port. Returns its URL once all are ready. */
export async function startEngineSide({ settings, bus, logger, closing }: EngineSide): Promise<string> {
  const client = createClient({ ...bus, clientId: 'millrace' });
  closing.add('client', () => client.close());

  const runtime = createRuntime({
    client,
    storeDirectory: join(settings.data, 'engine'),
    namespace: settings.namespace,
    partitions: settings.partitions,
    logger: logger.child({ part: 'runtime' }),
  });
  closing.add('runtime', () => runtime.stop());
  await runtime.start();

  const projection = await startProjection({
    log: await openEventLog(client, topicsOf(settings.namespace).events),
    directory: join(settings.data, 'projection'),
    clock: systemClock,
    logger: logger.child({ part: 'projection' }),
  });
  closing.add('projection', () => projection.close());
  await projection.ready;

  const topic = topicsOf(settings.namespace).plugins;
  const plugins = await startPluginRegistry(client, topic, logger.child({ part: 'plugins' }));
  closing.add('plugins', () => plugins.close());

  const server = createHttpServer({ logger: logger.child({ part: 'http' }) });
  await registerEngine(server, { runtime, projection, plugins, clock: systemClock, random: systemRandom });
  await server.register(gatewayRoutes, { projection, clock: systemClock });
  const served = await serve(server, settings.http, systemClock);
  closing.add('http', () => served.close());
  return served.url;
}
