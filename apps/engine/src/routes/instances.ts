import {
  actionAnswer,
  actionParams,
  activateBody,
  activateParams,
  backBody,
  backParams,
  cancelBody,
  historyAnswer,
  historyQuery,
  instanceParams,
  instancePosition,
  instanceStatus as instanceStatusSchema,
  limits,
  listInstancesAnswer,
  listInstancesQuery,
  Problem,
  pageSize,
  migrateBody,
  modifyBody,
  setVariablesBody,
  suspendBody,
  variables as variablesSchema,
} from '@millrace/contract';
import { partitionOfInstance } from '@millrace/records';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { answers } from '../answers.ts';
import type { RouteDependencies } from '../dependencies.ts';
import {
  actionMissing,
  existingInstance,
  instanceMissing,
  instanceOrDefinitionMissing,
  instanceOrTokenMissing,
} from '../missing.ts';
import { modification } from '../modification.ts';
import { checkSize } from '../variables-size.ts';
import { instanceStatus, instanceSummary, tokensOf } from '../views.ts';

/** The stream of the same path is the gateway's; the document describes the path as a caller sees it. */
const historyOrStream = {
  ...answers(200, historyAnswer),
  200: {
    description: 'History, or a stream of events',
    content: { 'application/json': { schema: historyAnswer }, 'text/event-stream': { schema: z.string() } },
  },
};

export const instanceRoutes: FastifyPluginAsyncZod<RouteDependencies> = async (
  server,
  { commander, projection, runtime },
) => {
  const { queries } = projection;
  const statusOf = (uuid: string) => instanceStatus(queries, runtime.definitions, existingInstance(queries, uuid));
  const tags = ['instances'];

  server.get(
    '/api/process',
    {
      schema: {
        tags,
        summary: 'List instances, the newest first',
        querystring: listInstancesQuery,
        response: answers(200, listInstancesAnswer),
      },
    },
    async ({ query: { limit, cursor, ...filter } }) => {
      const { rows, nextCursor } = queries.instances(filter, { limit: pageSize(limit), cursor });
      return { items: rows.map(instanceSummary), ...(nextCursor === undefined ? {} : { nextCursor }) };
    },
  );

  server.get(
    '/api/process/:uuid/status',
    {
      schema: {
        tags,
        summary: 'State, tokens, variables, incidents',
        params: instanceParams,
        response: answers(200, instanceStatusSchema),
      },
    },
    async ({ params }) => statusOf(params.uuid),
  );

  server.post(
    '/api/process/:uuid/token/:tokenId/action/:name/execute',
    {
      schema: {
        tags,
        summary: 'Execute a manual action of a token, or `complete` a user task',
        description:
          'The variables become those of the process. What an action does may take its time: the answer says that it has begun.',
        params: actionParams,
        body: variablesSchema.optional(),
        response: answers(200, actionAnswer),
      },
    },
    async (request) => {
      const { uuid, tokenId, name: action } = request.params;
      const instanceId = uuid.toLowerCase();
      const variables = request.body ?? {};
      checkSize(request, variables);
      await commander.askTask(
        { kind: 'executeAction', version: 1, instanceId, elementKey: tokenId, action, variables },
        { ifNotFound: actionMissing(queries, instanceId, tokenId, action) },
      );
      const instance = existingInstance(queries, instanceId);
      return {
        processInstanceUuid: instanceId,
        state: instance.state,
        tokens: tokensOf(queries, runtime.definitions, instance),
      };
    },
  );

  server.post(
    '/api/process/:uuid/token/:tokenId/activate',
    {
      schema: {
        tags,
        summary: 'Begin elements of a running ad-hoc sub-process',
        params: activateParams,
        body: activateBody,
        response: answers(200, actionAnswer),
      },
    },
    async (request) => {
      const { uuid, tokenId } = request.params;
      const { elements, variables } = request.body;
      const instanceId = uuid.toLowerCase();
      if (variables !== undefined) checkSize(request, variables);
      const more = variables === undefined ? {} : { variables };
      await commander.ask(
        { kind: 'activateElements', version: 1, instanceId, elementKey: tokenId, elementIds: elements, ...more },
        { ifNotFound: actionMissing(queries, instanceId, tokenId, 'activate') },
      );
      const instance = existingInstance(queries, instanceId);
      return {
        processInstanceUuid: instanceId,
        state: instance.state,
        tokens: tokensOf(queries, runtime.definitions, instance),
      };
    },
  );

  server.post(
    '/api/process/:uuid/token/:tokenId/back',
    {
      schema: {
        tags,
        summary: 'Move a token back to a node that it has passed',
        description:
          'The model says where tokens may go back to (`millrace:back`), and which variables are removed then. What is under way in place of the token ends: what it waits for, the sub-process that it is in, what it has called.',
        params: backParams,
        body: backBody,
        response: answers(200, actionAnswer),
      },
    },
    async (request) => {
      const { uuid, tokenId: elementKey } = request.params;
      const { node, variables, removeVariables, withOthers } = request.body ?? {};
      const instanceId = uuid.toLowerCase();
      if (variables !== undefined) checkSize(request, variables);
      await commander.ask(
        {
          kind: 'moveTokenBack',
          version: 1,
          instanceId,
          elementKey,
          ...(node === undefined ? {} : { to: node }),
          ...(variables === undefined ? {} : { variables }),
          ...(removeVariables === undefined ? {} : { remove: removeVariables }),
          ...(withOthers === true ? { withOthers } : {}),
        },
        { ifNotFound: instanceOrTokenMissing(queries, instanceId) },
      );
      const instance = existingInstance(queries, instanceId);
      return {
        processInstanceUuid: instanceId,
        state: instance.state,
        tokens: tokensOf(queries, runtime.definitions, instance),
      };
    },
  );

  server.post(
    '/api/process/:uuid/cancel',
    {
      schema: {
        tags,
        summary: 'End an instance where it is',
        params: instanceParams,
        body: cancelBody,
        response: answers(200, instanceStatusSchema),
      },
    },
    async ({ params, body }) => {
      const instanceId = params.uuid.toLowerCase();
      const reason = body?.reason;
      await commander.ask(
        { kind: 'cancelInstance', version: 1, instanceId, ...(reason === undefined ? {} : { reason }) },
        { ifNotFound: instanceMissing(queries, instanceId) },
      );
      return statusOf(instanceId);
    },
  );

  server.post(
    '/api/process/:uuid/suspend',
    {
      schema: {
        tags,
        summary: 'Make an instance stand still',
        description:
          'Tokens do not move and timers wait. Results, messages and signals that arrive are held, and taken when the instance is resumed. It can be mended and cancelled meanwhile.',
        params: instanceParams,
        body: suspendBody,
        response: answers(200, instanceStatusSchema),
      },
    },
    async ({ params, body }) => {
      const instanceId = params.uuid.toLowerCase();
      const reason = body?.reason === undefined ? {} : { reason: body.reason };
      await commander.ask(
        { kind: 'suspendInstance', version: 1, instanceId, ...reason },
        { ifNotFound: instanceMissing(queries, instanceId) },
      );
      return statusOf(instanceId);
    },
  );

  server.post(
    '/api/process/:uuid/resume',
    {
      schema: {
        tags,
        summary: 'Let a suspended instance go on',
        params: instanceParams,
        response: answers(200, instanceStatusSchema),
      },
    },
    async ({ params }) => {
      const instanceId = params.uuid.toLowerCase();
      await commander.ask(
        { kind: 'resumeInstance', version: 1, instanceId },
        { ifNotFound: instanceMissing(queries, instanceId) },
      );
      return statusOf(instanceId);
    },
  );

  server.post(
    '/api/process/:uuid/modify',
    {
      schema: {
        tags,
        summary: 'Put tokens into elements and take others away, all or nothing',
        params: instanceParams,
        body: modifyBody,
        response: answers(200, instanceStatusSchema),
      },
    },
    async (request) => {
      const instanceId = request.params.uuid.toLowerCase();
      const { activate, variables } = request.body;
      for (const values of [variables, ...activate.map((one) => one.variables)]) {
        if (values !== undefined) checkSize(request, values);
      }
      await commander.ask(
        { kind: 'modifyInstance', version: 1, instanceId, ...modification(request.body) },
        { ifNotFound: instanceOrTokenMissing(queries, instanceId) },
      );
      return statusOf(instanceId);
    },
  );

  server.post(
    '/api/process/:uuid/migrate',
    {
      schema: {
        tags,
        summary: 'Let an instance go on by another version or process',
        description:
          'Tokens stay where they are, jobs and waits stay open. What does not fit the new definition is listed, and nothing changes.',
        params: instanceParams,
        body: migrateBody,
        response: answers(200, instanceStatusSchema),
      },
    },
    async ({ params, body }) => {
      const instanceId = params.uuid.toLowerCase();
      const { version: definitionVersion, definition, mapping } = body;
      const process = definition === undefined ? {} : { processId: definition };
      await commander.ask(
        { kind: 'migrateInstance', version: 1, instanceId, definitionVersion, mapping, ...process },
        { ifNotFound: instanceOrDefinitionMissing(queries, instanceId) },
      );
      return statusOf(instanceId);
    },
  );

  server.patch(
    '/api/process/:uuid/variables',
    {
      schema: {
        tags,
        summary: 'Set variables; those not named stay',
        params: instanceParams,
        body: setVariablesBody,
        response: answers(200, instanceStatusSchema),
      },
    },
    async (request) => {
      const instanceId = request.params.uuid.toLowerCase();
      checkSize(request, request.body);
      // Nothing to set is nothing to do: the engine would have no event to answer with.
      if (Object.keys(request.body).length > 0) {
        await commander.ask(
          { kind: 'updateVariables', version: 1, instanceId, variables: request.body },
          { ifNotFound: instanceMissing(queries, instanceId) },
        );
      }
      return statusOf(instanceId);
    },
  );

  server.get(
    '/api/process/:uuid/events',
    {
      constraints: { representation: 'json' },
      schema: {
        tags: ['events'],
        summary: 'The history of an instance; live with `Accept: text/event-stream`',
        description:
          'As a stream it begins with the history and goes on live. It resumes by `Last-Event-ID` or `?lastEventId=`; an id that has expired gets a `reset` event.',
        params: instanceParams,
        querystring: historyQuery,
        response: historyOrStream,
      },
    },
    async ({ params, query }, reply) => {
      const { id } = existingInstance(queries, params.uuid);
      if (query.cursor !== undefined && !/^\d{1,15}$/.test(query.cursor)) {
        throw new Problem('INVALID_CURSOR', 'expected the nextCursor of a page of this history');
      }
      const limit = Number(query.limit ?? limits.historyPageMax);
      const items: string[] = [];
      let last: number | undefined;
      let nextCursor: number | undefined;
      for await (const event of projection.history(id, Number(query.cursor ?? 0))) {
        if (items.length === limit) {
          nextCursor = event.offset;
          break;
        }
        items.push(event.json);
        last = event.offset;
      }
      const lastEventId =
        last === undefined ? undefined : instancePosition(partitionOfInstance(id), last, projection.log.epoch);
      const rest = JSON.stringify({ nextCursor: nextCursor?.toString(), lastEventId }).slice(1);
      // The events are JSON already, as the log has them; parsing them to write them again would only cost time.
      const body = `{"processInstanceUuid":"${id}","items":[${items.join(',')}]${rest === '}' ? '' : ','}${rest}`;
      return reply.type('application/json; charset=utf-8').serializer(String).send(body);
    },
  );
};
