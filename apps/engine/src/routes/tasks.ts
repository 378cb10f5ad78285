import {
  assignTaskBody,
  claimTaskBody,
  completeTaskBody,
  listTasksAnswer,
  listTasksQuery,
  pageSize,
  Problem,
  taskAnswer as taskSchema,
  taskParams,
  updateTaskBody,
} from '@millrace/contract';
import type { TaskFilter } from '@millrace/projection';
import type { TaskChanges } from '@millrace/records';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import { answers } from '../answers.ts';
import type { RouteDependencies } from '../dependencies.ts';
import { taskMissing } from '../missing.ts';
import { checkSize } from '../variables-size.ts';
import { taskAnswer, taskView } from '../views.ts';

export const taskRoutes: FastifyPluginAsyncZod<RouteDependencies> = async (server, { commander, projection }) => {
  const { queries } = projection;
  const tags = ['tasks'];
  const viewOf = (id: string) => {
    const task = queries.task(id);
    if (task === undefined) throw new Problem('TASK_NOT_FOUND', `expected task ${id} to exist`);
    return taskAnswer(queries, task);
  };

  server.get(
    '/api/tasks',
    {
      schema: {
        tags,
        summary: 'List open user tasks, the oldest first',
        description: 'Everything about them but the variables, which `GET /api/tasks/{id}` shows.',
        querystring: listTasksQuery,
        response: answers(200, listTasksAnswer),
      },
    },
    async ({ query: { limit, cursor, ...filter } }) => {
      const { rows, nextCursor } = queries.tasks(filterOf(filter), { limit: pageSize(limit), cursor });
      return { items: rows.map(taskView), ...(nextCursor === undefined ? {} : { nextCursor }) };
    },
  );

  server.get(
    '/api/tasks/:id',
    {
      schema: {
        tags,
        summary: 'One user task, with the variables that it sees',
        params: taskParams,
        response: answers(200, taskSchema),
      },
    },
    async ({ params }) => viewOf(params.id),
  );

  server.post(
    '/api/tasks/:id/claim',
    {
      schema: {
        tags,
        summary: 'Take a task, unless somebody else has it',
        params: taskParams,
        body: claimTaskBody,
        response: answers(200, taskSchema),
      },
    },
    async ({ params: { id: taskKey }, body: { assignee } }) => {
      await commander.askTask(
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
      await commander.askTask(
        { kind: 'unclaimTask', version: 1, taskKey },
        { ifNotFound: taskMissing(queries, taskKey) },
      );
      return viewOf(taskKey);
    },
  );

  const update = async (taskKey: string, changes: TaskChanges) => {
    await commander.askTask(
      { kind: 'updateTask', version: 1, taskKey, changes },
      { ifNotFound: taskMissing(queries, taskKey) },
    );
    return viewOf(taskKey);
  };

  server.post(
    '/api/tasks/:id/assign',
    {
      schema: {
        tags,
        summary: 'Give a task to somebody, whoever has it',
        params: taskParams,
        body: assignTaskBody,
        response: answers(200, taskSchema),
      },
    },
    async ({ params, body: { assignee } }) => update(params.id, { assignee }),
  );

  server.patch(
    '/api/tasks/:id',
    {
      schema: {
        tags,
        summary: 'Change the assignee, candidates, dates or priority of a task',
        description: 'What the body leaves out stays as it is; null takes a value away.',
        params: taskParams,
        body: updateTaskBody,
        response: answers(200, taskSchema),
      },
    },
    async ({ params, body }) => update(params.id, changesOf(body)),
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
      await commander.askTask(
        { kind: 'completeTask', version: 1, taskKey, variables },
        { ifNotFound: taskMissing(queries, taskKey) },
      );
      return viewOf(taskKey);
    },
  );
};

function filterOf(query: Omit<z.infer<typeof listTasksQuery>, 'limit' | 'cursor'>): TaskFilter {
  const { processInstanceUuid, dueFrom, dueBefore, followUpFrom, followUpBefore, priorityFrom, priorityTo, ...same } =
    query;
  const at = (date: string | undefined): number | undefined => (date === undefined ? undefined : Date.parse(date));
  const number = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));
  return {
    ...same,
    instanceId: processInstanceUuid?.toLowerCase(),
    dueFrom: at(dueFrom),
    dueBefore: at(dueBefore),
    followUpFrom: at(followUpFrom),
    followUpBefore: at(followUpBefore),
    priorityFrom: number(priorityFrom),
    priorityTo: number(priorityTo),
  };
}

/** What the body leaves out is no key of the change. */
function changesOf(body: z.infer<typeof updateTaskBody>): TaskChanges {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined)) as TaskChanges;
}
