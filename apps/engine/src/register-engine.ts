import { Problem } from '@millrace/contract';
import { systemRandom } from '@millrace/std';
import type { FastifyInstance } from 'fastify';
import { Commander } from './commander.ts';
import type { EngineDependencies, RouteDependencies } from './dependencies.ts';
import { registerOpenApi } from './open-api.ts';
import { batchRoutes } from './routes/batches.ts';
import { conditionRoutes } from './routes/conditions.ts';
import { decisionRoutes } from './routes/decisions.ts';
import { definitionRoutes } from './routes/definitions.ts';
import { formRoutes } from './routes/forms.ts';
import { incidentRoutes } from './routes/incidents.ts';
import { instanceRoutes } from './routes/instances.ts';
import { messageRoutes } from './routes/messages.ts';
import { operationRoutes, readiness } from './routes/operations.ts';
import { signalRoutes } from './routes/signals.ts';
import { startRoutes } from './routes/start.ts';
import { suspensionRoutes } from './routes/suspensions.ts';
import { taskRoutes } from './routes/tasks.ts';

/**
 * All of REST on a server of `@millrace/http`. Before any other routes are registered on it, so that the OpenAPI document
 * has those too.
 */
export async function registerEngine(server: FastifyInstance, dependencies: EngineDependencies): Promise<void> {
  await registerOpenApi(server);
  const commander = new Commander(dependencies);
  const route: RouteDependencies = { random: systemRandom, ...dependencies, commander };
  // Closing lets calls in flight finish; those that wait for an instance to end may have minutes to go.
  server.addHook('preClose', () => dependencies.projection.waiters.closeEnds());
  await server.register(operationRoutes, route);
  await server.register(async (api) => {
    refuseUntilReady(api, dependencies);
    for (const routes of [
      definitionRoutes,
      decisionRoutes,
      formRoutes,
      startRoutes,
      instanceRoutes,
      taskRoutes,
      messageRoutes,
      signalRoutes,
      conditionRoutes,
      incidentRoutes,
      batchRoutes,
      suspensionRoutes,
    ]) {
      await api.register(routes, route);
    }
  });
}

/** Only the way to being ready refuses calls: a partition that moves later lets its commands wait in the log. */
function refuseUntilReady(api: FastifyInstance, dependencies: EngineDependencies): void {
  let hasBeenReady = false;
  api.addHook('onRequest', async () => {
    const models = dependencies.projection.health();
    if (hasBeenReady && models.isReady) return;
    const { status, checks } = readiness(dependencies);
    hasBeenReady ||= status === 'ready';
    if (status === 'ready') return;
    const missing = checks.filter(({ isReady }) => !isReady);
    const why = missing.map(({ name, detail }) => `${name}${detail === undefined ? '' : ` (${detail})`}`).join(', ');
    throw new Problem('NOT_READY', `expected everything to be ready, found not ready: ${why}`, {
      retryAfterSeconds: 1,
    });
  });
}
