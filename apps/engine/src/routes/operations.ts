import { liveAnswer, type ReadyAnswer, readyAnswer } from '@millrace/contract';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { textAnswer } from '../answers.ts';
import type { RouteDependencies } from '../dependencies.ts';
import { createMetrics } from '../metrics.ts';

export const operationRoutes: FastifyPluginAsyncZod<RouteDependencies> = async (server, dependencies) => {
  const tags = ['operations'];
  const metrics = createMetrics(dependencies);

  server.get(
    '/health/live',
    { schema: { tags, summary: 'The process answers', response: { 200: liveAnswer } } },
    async () => ({ status: 'up' as const }),
  );

  server.get(
    '/health/ready',
    { schema: { tags, summary: 'Everything it needs is there', response: { 200: readyAnswer, 503: readyAnswer } } },
    async (_request, reply) => {
      const answer = readiness(dependencies);
      return reply.code(answer.status === 'ready' ? 200 : 503).send(answer);
    },
  );

  server.get(
    '/metrics',
    { schema: { tags, summary: 'Prometheus metrics', response: textAnswer('text/plain', 'Prometheus metrics') } },
    async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()),
  );
};

export function readiness({ runtime, projection }: Pick<RouteDependencies, 'runtime' | 'projection'>): ReadyAnswer {
  const engine = runtime.health();
  const waiting = engine.partitions.filter(({ phase }) => phase !== 'running' && phase !== 'released');
  const why = [
    ...waiting.map(
      ({ partition, phase, problem }) =>
        `partition ${partition} is ${phase}${problem === undefined ? '' : `: ${problem}`}`,
    ),
    ...(engine.ingress.isRunning
      ? []
      : [`the ingress does not read${engine.ingress.problem === undefined ? '' : `: ${engine.ingress.problem}`}`]),
  ].join('; ');
  const models = projection.health();
  const checks = [
    { name: 'engine', isReady: engine.isReady, ...(engine.isReady || why === '' ? {} : { detail: why }) },
    {
      name: 'read models',
      isReady: models.isReady,
      ...(models.problem === undefined ? {} : { detail: models.problem }),
    },
  ];
  return { status: checks.every(({ isReady }) => isReady) ? 'ready' : 'not ready', checks };
}
