import { type ConditionsAnswer, conditionsAnswer, conditionsBody, Problem } from '@millrace/contract';
import { assert } from '@millrace/std';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { answers } from '../answers.ts';
import type { RouteDependencies } from '../dependencies.ts';
import { checkSize } from '../variables-size.ts';

export const conditionRoutes: FastifyPluginAsyncZod<RouteDependencies> = async (server, { commander }) => {
  server.post(
    '/api/conditions/evaluate',
    {
      schema: {
        tags: ['instances'],
        summary: 'Start every process whose conditional start event holds over the variables',
        body: conditionsBody,
        response: answers(200, conditionsAnswer),
      },
    },
    async (request): Promise<ConditionsAnswer> => {
      const { definition, variables = {} } = request.body;
      checkSize(request, variables);
      const { event } = await commander.ask(
        {
          kind: 'evaluateConditions',
          version: 1,
          variables,
          ...(definition === undefined ? {} : { processId: definition }),
        },
        { ifNotFound: (message) => new Problem('INVALID_STATE', message) },
      );
      assert(event.kind === 'conditions.evaluated', `expected the started instances, found ${event.kind}`);
      const started = event.started.map(({ instanceId, processId, elementId }) => ({
        processInstanceUuid: instanceId,
        definition: processId,
        node: elementId,
      }));
      return { started };
    },
  );
};
