import {
  listMessagesAnswer,
  listMessagesQuery,
  type MessageAnswer,
  messageAnswer,
  messageBody,
  pageSize,
  Problem,
  parseDuration,
} from '@millrace/contract';
import type { InstanceId } from '@millrace/records';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { answers } from '../answers.ts';
import type { RouteDependencies } from '../dependencies.ts';
import { refusal } from '../refusal.ts';
import { checkSize } from '../variables-size.ts';
import { messageView } from '../views.ts';

const outcomes = { correlated: 'CORRELATED', buffered: 'BUFFERED', expired: 'NOT_CORRELATED' } as const;

const reachedView = ({ instanceId, elementId }: { instanceId: InstanceId; elementId: string }) => ({
  processInstanceUuid: instanceId,
  node: elementId,
});

export const messageRoutes: FastifyPluginAsyncZod<RouteDependencies> = async (server, { commander, projection }) => {
  server.get(
    '/api/messages',
    {
      schema: {
        tags: ['messages'],
        summary: 'Messages that nobody has taken, the newest first',
        description:
          'BUFFERED ones wait for somebody to subscribe, HELD ones for a suspended instance to go on, EXPIRED ones were taken by nobody.',
        querystring: listMessagesQuery,
        response: answers(200, listMessagesAnswer),
      },
    },
    async ({ query: { limit, cursor, ...filter } }) => {
      const { rows, nextCursor } = projection.queries.messages(filter, { limit: pageSize(limit), cursor });
      return { items: rows.map(messageView), ...(nextCursor === undefined ? {} : { nextCursor }) };
    },
  );

  server.post(
    '/api/messages',
    {
      schema: {
        tags: ['messages'],
        summary: 'Publish a message; the answer says whom it reached',
        body: messageBody,
        response: answers(200, messageAnswer),
      },
    },
    async (request): Promise<MessageAnswer> => {
      const { name, correlationKey, variables = {}, timeToLive, messageId } = request.body;
      checkSize(request, variables);
      const ifNotFound = (message: string): Problem => new Problem('INVALID_STATE', message);
      const { event } = await commander.tell(
        {
          kind: 'publishMessage',
          version: 1,
          name,
          correlationKey,
          variables,
          ttlMs: parseDuration(timeToLive ?? '') ?? 0,
          ...(messageId === undefined ? {} : { messageId }),
        },
        // Being published is no answer yet: everybody who could take it must have said whether he does.
        {
          accepts: ({ event: { kind } }) => kind === 'message.settled' || kind === 'message.deferred',
          ifNotFound,
        },
      );
      if (event.kind === 'message.settled') {
        return { name, correlationKey, outcome: outcomes[event.outcome], reached: event.reached.map(reachedView) };
      }
      if (event.kind === 'message.deferred') {
        const outcome = event.reached.length > 0 ? 'CORRELATED' : 'HELD';
        const [reached, heldBy] = [event.reached.map(reachedView), event.held.map(reachedView)];
        return { name, correlationKey, outcome, reached, heldBy };
      }
      if (event.kind === 'command.rejected' && event.reason !== 'ALREADY_EXISTS') throw refusal(event, ifNotFound);
      return { name, correlationKey, outcome: 'DUPLICATE', reached: [] };
    },
  );
};
