import {
  type DefinitionStateAnswer,
  definitionParams,
  definitionStateAnswer,
  Problem,
  resumeDefinitionBody,
  suspendDefinitionBody,
} from '@millrace/contract';
import type { ResumeDefinition, SuspendDefinition } from '@millrace/records';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { answers } from '../answers.ts';
import type { RouteDependencies } from '../dependencies.ts';
import { startBatch } from '../start-batch.ts';
import { definitionView } from '../views.ts';

type Telling = Pick<SuspendDefinition, 'kind' | 'reason'> | Pick<ResumeDefinition, 'kind'>;

export const suspensionRoutes: FastifyPluginAsyncZod<RouteDependencies> = async (server, dependencies) => {
  const { commander, projection, runtime } = dependencies;
  const tags = ['definitions'];
  const response = answers(200, definitionStateAnswer);

  /** Every partition, in any order: what each does by itself is right whatever the others know. */
  const tellAll = async (processId: string, telling: Telling): Promise<void> => {
    const ifNotFound = (message: string): Problem => new Problem('DEFINITION_NOT_FOUND', message);
    const told = Array.from({ length: runtime.partitionCount }, (_, partition) =>
      commander.ask({ version: 1, processId, partition, ...telling }, { ifNotFound }),
    );
    await Promise.all(told);
  };
  const stateOf = (name: string, batchId: string | undefined): DefinitionStateAnswer => {
    const latest = runtime.definitions.latest(name);
    if (latest === undefined)
      throw new Problem('DEFINITION_NOT_FOUND', `expected the process "${name}" to be deployed`);
    return { ...definitionView(projection.queries, latest), ...(batchId === undefined ? {} : { batchId }) };
  };

  server.post(
    '/api/definitions/:name/suspend',
    {
      schema: {
        tags,
        summary: 'Let no version of a process start instances until it is resumed',
        description:
          'A start is refused with DEFINITION_SUSPENDED; a call is an incident; timer starts are kept; messages stay buffered as long as they live; signals pass by. Instances that run go on, unless `includeInstances` suspends them too.',
        params: definitionParams,
        body: suspendDefinitionBody,
        response,
      },
    },
    async ({ params: { name }, body: { reason, includeInstances } = {} }) => {
      await tellAll(name, { kind: 'suspendDefinition', ...(reason === undefined ? {} : { reason }) });
      const operation = { kind: 'suspend', ...(reason === undefined ? {} : { reason }) } as const;
      const filter = { processId: name, isSuspended: false };
      return stateOf(name, includeInstances === true ? await startBatch(dependencies, operation, filter) : undefined);
    },
  );

  server.post(
    '/api/definitions/:name/resume',
    {
      schema: {
        tags,
        summary: 'Let a process start instances again',
        description:
          'Timer starts whose time has come start now, once each; buffered messages are offered again. `includeInstances` resumes every suspended instance of it, whoever suspended it.',
        params: definitionParams,
        body: resumeDefinitionBody,
        response,
      },
    },
    async ({ params: { name }, body: { includeInstances } = {} }) => {
      await tellAll(name, { kind: 'resumeDefinition' });
      const filter = { processId: name, isSuspended: true };
      return stateOf(
        name,
        includeInstances === true ? await startBatch(dependencies, { kind: 'resume' }, filter) : undefined,
      );
    },
  );
};
