import { decisionParams, decisionsAnswer, decisionVersionsAnswer, definitionQuery, Problem } from '@millrace/contract';
import type { DeployedDecision } from '@millrace/runtime';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { answers, textAnswer } from '../answers.ts';
import type { RouteDependencies } from '../dependencies.ts';
import { decisionView } from '../views.ts';

export const decisionRoutes: FastifyPluginAsyncZod<RouteDependencies> = async (server, { runtime }) => {
  const { resources } = runtime.definitions;
  const tags = ['decisions'];
  const find = (id: string, version: string | undefined): DeployedDecision => {
    const found = resources.decision(id, version === undefined ? undefined : Number(version));
    if (found !== undefined) return found;
    const what = version === undefined ? `"${id}"` : `"${id}" version ${version}`;
    throw new Problem('DECISION_NOT_FOUND', `expected the decision ${what} to be deployed`);
  };

  server.get(
    '/api/decisions',
    { schema: { tags, summary: 'The newest version of every decision', response: answers(200, decisionsAnswer) } },
    async () => ({
      items: [...resources.latestDecisions()].map(decisionView).sort((one, other) => one.id.localeCompare(other.id)),
    }),
  );

  server.get(
    '/api/decisions/:id',
    {
      schema: {
        tags,
        summary: 'The versions of a decision',
        params: decisionParams,
        response: answers(200, decisionVersionsAnswer),
      },
    },
    async ({ params: { id } }) => {
      find(id, undefined);
      return { id, versions: resources.decisionVersions(id).map(decisionView) };
    },
  );

  server.get(
    '/api/decisions/:id/xml',
    {
      schema: {
        tags,
        summary: 'The model of a decision as it was deployed',
        params: decisionParams,
        querystring: definitionQuery,
        response: textAnswer('application/xml', 'DMN'),
      },
    },
    async ({ params: { id }, query: { version } }, reply) =>
      reply.type('application/xml; charset=utf-8').send(find(id, version).graph.xml),
  );
};
