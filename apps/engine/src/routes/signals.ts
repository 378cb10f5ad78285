import { Problem, type SignalAnswer, signalAnswer, signalBody } from '@millrace/contract';
import { assert } from '@millrace/std';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { answers } from '../answers.ts';
import type { RouteDependencies } from '../dependencies.ts';
import { checkSize } from '../variables-size.ts';

export const signalRoutes: FastifyPluginAsyncZod<RouteDependencies> = async (server, { commander }) => {
  server.post(
    '/api/signals',
    {
      schema: {
        tags: ['signals'],
        summary: 'Broadcast a signal to everybody who waits for it; the answer says whom it reached',
        body: signalBody,
        response: answers(200, signalAnswer),
      },
    },
    async (request): Promise<SignalAnswer> => {
      const { name, variables = {}, signalId } = request.body;
      checkSize(request, variables);
      const { event } = await commander.ask(
        {
          kind: 'broadcastSignal',
          version: 1,
          name,
          variables,
          ...(signalId === undefined ? {} : { signalId }),
        },
        // Being sent is no answer yet: every partition must have said whom it has woken.
        {
          accepts: (answer) => answer.event.kind === 'signal.settled',
          ifNotFound: (message) => new Problem('INVALID_STATE', message),
        },
      );
      assert(event.kind === 'signal.settled', `expected the answer to a signal, found ${event.kind}`);
      const { count, reached } = event;
      return {
        name: event.name,
        count,
        reached: reached.map(({ instanceId, elementId }) => ({ processInstanceUuid: instanceId, node: elementId })),
      };
    },
  );
};
