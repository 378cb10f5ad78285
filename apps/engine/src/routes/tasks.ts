import {
  claimTaskBody,
  completeTaskBody,
  listTasksAnswer,
  listTasksQuery,
  pageSize,
  Problem,
  task as taskSchema,
  taskParams,
} from '@millrace/contract';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { answers } from '../answers.ts';
import type { RouteDependencies } from '../dependencies.ts';
import { taskMissing } from '../missing.ts';
import { checkSize } from '../variables-size.ts';
import { taskView } from '../views.ts';

export const taskRoutes: FastifyPluginAsyncZod<RouteDependencies> = async (server, { commander, projection }) => {
  const { queries } = projection;
  const tags = ['tasks'];
  const viewOf = (id: string) => {
    const task = queries.task(id);
    if (task === undefined) throw new Problem('TASK_NOT_FOUND', `expected task ${id} to exist`);
    return taskView(task);
  };

  server.get(
    '/api/tasks',
    {
      schema: {
        tags,
        summary: 'List open user tasks, the oldest first',
        querystring: listTasksQuery,
        response: answers(200, listTasksAnswer),
      },
    },
    async ({ query: { limit, cursor, processInstanceUuid, ...filter } }) => {
      const page = { limit: pageSize(limit), cursor };
      const { rows, nextCursor } = queries.tasks({ ...filter, instanceId: processInstanceUuid?.toLowerCase() }, page);
      return { items: rows.map(taskView), ...(nextCursor === undefined ? {} : { nextCursor }) };
    },
  );

  server.get(
    '/api/tasks/:id',
    { schema: { tags, summary: 'One user task', params: taskParams, response: answers(200, taskSchema) } },
    async ({ params }) => viewOf(params.id),
  );

  server.post(
    '/api/tasks/:id/claim',
    {
      schema: {
        tags,
        summary: 'Take a task',
        params: taskParams,
        body: claimTaskBody,
        response: answers(200, taskSchema),
      },
    },
    async ({ params: { id: taskKey }, body: { assignee } }) => {
      await commander.ask(
        { kind: 'claimTask', version: 1, taskKey, assignee },
        { ifNotFound: taskMissing(queries, taskKey) },
      );
      return viewOf(taskKey);
    },
  );

  server.post(
    '/api/tasks/:id/unclaim',
    { schema: { tags, summary: 'Give a task back', params: taskParams, response: answers(200, taskSchema) } },
    async ({ params: { id: taskKey } }) => {
      await commander.ask({ kind: 'unclaimTask', version: 1, taskKey }, { ifNotFound: taskMissing(queries, taskKey) });
      return viewOf(taskKey);
    },
  );

  server.post(
    '/api/tasks/:id/complete',
    {
      schema: {
        tags,
        summary: 'Complete a task with its result',
        params: taskParams,
        body: completeTaskBody,
        response: answers(200, taskSchema),
      },
    },
    async (request) => {
      const { id: taskKey } = request.params;
      const variables = request.body ?? {};
      checkSize(request, variables);
      await commander.ask(
        { kind: 'completeTask', version: 1, taskKey, variables },
        { ifNotFound: taskMissing(queries, taskKey) },
      );
      return viewOf(taskKey);
    },
  );
};
