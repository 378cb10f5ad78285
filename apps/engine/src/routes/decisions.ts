import {
  decisionParams,
  decisionsAnswer,
  decisionVersionsAnswer,
  definitionQuery,
  type EvaluationAnswer,
  evaluationAnswer,
  Problem,
  variables,
} from '@millrace/contract';
import { type DecisionResult, evaluateDecision } from '@millrace/dmn';
import type { DeployedDecision } from '@millrace/runtime';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { answers, textAnswer } from '../answers.ts';
import type { RouteDependencies } from '../dependencies.ts';
import { checkSize } from '../variables-size.ts';
import { decisionView } from '../views.ts';

export const decisionRoutes: FastifyPluginAsyncZod<RouteDependencies> = async (server, { runtime, clock }) => {
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

  server.post(
    '/api/decisions/:id/evaluate',
    {
      schema: {
        tags,
        summary: 'Evaluate a decision',
        description:
          'The body is the variables. The answer has the trace of every decision that was evaluated: what it saw, and which rules fired.',
        params: decisionParams,
        querystring: definitionQuery,
        body: variables.optional(),
        response: answers(200, evaluationAnswer),
      },
    },
    async (request): Promise<EvaluationAnswer> => {
      const { id } = request.params;
      const { version, model } = find(id, request.query.version);
      checkSize(request, request.body);
      const result = evaluateDecision(model, id, request.body ?? {}, { now: clock.now() });
      if ('failure' in result) throw refused(result.failure, result.trace);
      const trace = result.trace.map(({ warnings, tables, ...decision }) => ({
        ...decision,
        warnings: warnings.map(({ kind, message }) => ({ kind, message })),
        tables: tables.map(({ inputs, fired, ...table }) => ({ ...table, inputs: [...inputs], fired: [...fired] })),
      }));
      return { id, version, value: result.value, trace };
    },
  );
};

/** The failure comes first, then what the decisions had to say on the way to it. */
function refused(failure: { decisionId: string; message: string }, trace: DecisionResult['trace']): Problem {
  const issues = [
    { elementId: failure.decisionId, severity: 'error' as const, message: failure.message },
    ...trace.flatMap(({ decisionId, warnings }) =>
      warnings.map(({ kind, message }) => ({
        elementId: decisionId,
        rule: kind,
        severity: 'warning' as const,
        message,
      })),
    ),
  ];
  return new Problem('DECISION_FAILED', failure.message, { issues });
}
