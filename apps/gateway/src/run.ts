import { join } from 'node:path';
import { topicsOf } from '@millrace/bus';
import { createClient } from '@millrace/client';
import { kafkaAccessOf } from '@millrace/config';
import { createHttpServer, serve } from '@millrace/http';
import { openEventLog, startProjection } from '@millrace/projection';
import { systemClock } from '@millrace/std';
import { pino } from 'pino';
import { gatewayRoutes } from './gateway-routes.ts';
import type { GatewaySettings } from './settings.ts';

/** The gateway as a process of its own. Returns how to close it; `onFailure` is called when it can no longer go on. */
export async function start(
  settings: GatewaySettings,
  onFailure: (error: unknown) => void,
): Promise<() => Promise<void>> {
  const logger = pino({ name: 'gateway', level: settings.logLevel }, pino.destination({ dest: 1, sync: true }));
  const client = createClient({ brokers: settings.brokers, clientId: 'millrace-gateway', ...kafkaAccessOf(settings) });
  const projection = await startProjection({
    log: await openEventLog(client, topicsOf(settings.namespace).events),
    directory: join(settings.data, 'gateway'),
    clock: systemClock,
    logger,
  });
  projection.failed.catch(onFailure);
  const server = createHttpServer({ logger });
  await server.register(gatewayRoutes, { projection, clock: systemClock });
  const served = await serve(server, settings.http, systemClock);
  logger.info({ url: served.url, brokers: settings.brokers }, 'listening');
  return async () => {
    await served.close();
    await projection.close();
    client.close();
  };
}
