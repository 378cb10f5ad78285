import {
  type BatchAnswer,
  type BatchEntry,
  batchAnswer,
  batchBody,
  type BatchOperation as BatchOperationBody,
  batchParams,
  listBatchesAnswer,
  listBatchesQuery,
  Problem,
  pageSize,
} from '@millrace/contract';
import type { ReadBatch } from '@millrace/projection';
import type { BatchFilter, BatchOperation } from '@millrace/records';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import { answers } from '../answers.ts';
import type { RouteDependencies } from '../dependencies.ts';
import { modification } from '../modification.ts';
import { startBatch } from '../start-batch.ts';
import { checkSize } from '../variables-size.ts';

export const batchRoutes: FastifyPluginAsyncZod<RouteDependencies> = async (
  server,
  { commander, projection, runtime },
) => {
  const { queries } = projection;
  const tags = ['batches'];
  const find = (id: string): ReadBatch => {
    const batch = queries.batch(id);
    if (batch === undefined) throw new Problem('BATCH_NOT_FOUND', `expected batch ${id} to exist`);
    return batch;
  };

  server.post(
    '/api/batches',
    {
      schema: {
        tags,
        summary: 'Do one operation to every running instance that fits a filter',
        description:
          'It goes on in the background, on every partition, whatever is restarted meanwhile. An instance that refuses the operation is counted and stays as it was.',
        body: batchBody,
        response: answers(201, batchAnswer),
      },
    },
    async (request, reply) => {
      const { operation, filter } = request.body;
      if ('variables' in operation && operation.variables !== undefined) checkSize(request, operation.variables);
      const ids = filter.processInstanceUuids?.map((uuid) => uuid.toLowerCase());
      const batchId = await startBatch({ commander, runtime }, operationOf(operation), filterOf(filter, ids));
      reply.code(201);
      return view(find(batchId));
    },
  );

  server.get(
    '/api/batches',
    {
      schema: {
        tags,
        summary: 'Batches, the newest first',
        querystring: listBatchesQuery,
        response: answers(200, listBatchesAnswer),
      },
    },
    async ({ query: { limit, cursor } }) => {
      const { rows, nextCursor } = queries.batches({ limit: pageSize(limit), cursor });
      return { items: rows.map(entry), ...(nextCursor === undefined ? {} : { nextCursor }) };
    },
  );

  server.get(
    '/api/batches/:id',
    { schema: { tags, summary: 'How far a batch is', params: batchParams, response: answers(200, batchAnswer) } },
    async ({ params }) => view(find(params.id)),
  );

  server.post(
    '/api/batches/:id/cancel',
    {
      schema: {
        tags,
        summary: 'Stop a batch; what it has done stays done',
        params: batchParams,
        response: answers(200, batchAnswer),
      },
    },
    async ({ params: { id: batchId } }) => {
      const open = find(batchId)
        .parts.map((part, partition) => ({ ...part, partition }))
        .filter(({ hasEnded }) => !hasEnded);
      // A partition that has come to its end meanwhile has nothing to stop.
      await Promise.all(
        open.map(({ partition }) =>
          commander.tell(
            { kind: 'cancelBatch', version: 1, batchId, partition },
            { ifNotFound: (message) => new Problem('BATCH_NOT_FOUND', message) },
          ),
        ),
      );
      return view(find(batchId));
    },
  );
};

function operationOf(body: BatchOperationBody): BatchOperation {
  switch (body.kind) {
    case 'modify':
      return { kind: 'modify', ...modification(body) };
    case 'migrate': {
      const { version: definitionVersion, definition, mapping } = body;
      return {
        kind: 'migrate',
        definitionVersion,
        mapping,
        ...(definition === undefined ? {} : { processId: definition }),
      };
    }
    case 'updateVariables':
      return { kind: 'updateVariables', variables: body.variables };
    case 'resolveIncidents':
      return { kind: 'resolveIncidents', ...(body.retries === undefined ? {} : { retries: body.retries }) };
    case 'resume':
      return { kind: 'resume' };
    default:
      return { kind: body.kind, ...(body.reason === undefined ? {} : { reason: body.reason }) };
  }
}

function filterOf(
  filter: z.infer<typeof batchBody>['filter'],
  instanceIds: readonly string[] | undefined,
): BatchFilter {
  const { definition, version, businessKey, state, startedFrom, startedBefore } = filter;
  return {
    ...(definition === undefined ? {} : { processId: definition }),
    ...(version === undefined ? {} : { definitionVersion: version }),
    ...(businessKey === undefined ? {} : { businessKey }),
    ...(state === undefined ? {} : { isSuspended: state === 'SUSPENDED' }),
    ...(startedFrom === undefined ? {} : { startedFrom: Date.parse(startedFrom) }),
    ...(startedBefore === undefined ? {} : { startedBefore: Date.parse(startedBefore) }),
    ...(instanceIds === undefined ? {} : { instanceIds }),
  };
}

function entry({ id, operation, parts, startedAt, endedAt, isCancelled }: ReadBatch): BatchEntry {
  const sum = (of: (part: ReadBatch['parts'][number]) => number): number =>
    parts.reduce((all, part) => all + of(part), 0);
  return {
    id,
    operation: operation.kind,
    state: endedAt === undefined ? 'RUNNING' : isCancelled ? 'CANCELLED' : 'FINISHED',
    startedAt: new Date(startedAt).toISOString(),
    ...(endedAt === undefined ? {} : { endedAt: new Date(endedAt).toISOString() }),
    done: sum(({ done }) => done),
    failed: sum(({ failed }) => failed),
    partitions: { done: sum(({ hasEnded }) => (hasEnded ? 1 : 0)), all: parts.length },
  };
}

function view(batch: ReadBatch): BatchAnswer {
  const failures = batch.failures.map(({ instanceId, reason, message }) => ({
    processInstanceUuid: instanceId,
    reason,
    message,
  }));
  return { ...entry(batch), failures };
}
