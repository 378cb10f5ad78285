import { createHash } from 'node:crypto';
import {
  idempotencyHeaders,
  inheritBody,
  inheritParams,
  isRunning,
  limits,
  Problem,
  parseDuration,
  type StartAnswer,
  startAnswer,
  startParams,
  startQuery,
  variables as variablesSchema,
} from '@millrace/contract';
import { ProjectionError } from '@millrace/projection';
import { type InstanceId, instanceId, instanceIdFromDigest, type StartInstance } from '@millrace/records';
import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import { answers } from '../answers.ts';
import type { RouteDependencies } from '../dependencies.ts';
import { existingInstance } from '../missing.ts';
import { refusal } from '../refusal.ts';
import { checkSize } from '../variables-size.ts';
import { tokensOf } from '../views.ts';

type StartQuery = z.infer<typeof startQuery>;

export const startRoutes: FastifyPluginAsyncZod<RouteDependencies> = async (server, dependencies) => {
  const { projection } = dependencies;
  const schema = {
    tags: ['instances'],
    querystring: startQuery,
    headers: idempotencyHeaders,
    response: answers(200, startAnswer),
  };

  server.post(
    '/api/process/:name/start',
    { schema: { ...schema, summary: 'Start an instance', params: startParams, body: variablesSchema.optional() } },
    async (request) => {
      const { name } = request.params;
      return start(dependencies, request, name, request.query, request.headers['idempotency-key'], request.body ?? {});
    },
  );

  server.post(
    '/api/process/:name/start/inheritFrom/:uuid',
    {
      schema: {
        ...schema,
        summary: "Start with another instance's values",
        params: inheritParams,
        body: inheritBody.optional(),
      },
    },
    async (request) => {
      const { name, uuid } = request.params;
      const from = existingInstance(projection.queries, uuid);
      const { paramsToCopy, withoutParams = [], variables = {} } = request.body ?? {};
      const inherited = Object.entries(projection.queries.variables(from.id)).filter(
        ([key]) => (paramsToCopy === undefined || paramsToCopy.includes(key)) && !withoutParams.includes(key),
      );
      const all = { ...Object.fromEntries(inherited), ...variables };
      return start(dependencies, request, name, request.query, request.headers['idempotency-key'], all);
    },
  );
};

async function start(
  dependencies: RouteDependencies,
  request: FastifyRequest,
  name: string,
  { version, versionTag, businessKey, flowName, expiresIn, wait, timeout }: StartQuery,
  idempotencyKey: string | undefined,
  variables: Readonly<Record<string, unknown>>,
): Promise<StartAnswer> {
  checkSize(request, variables);
  if (version !== undefined && versionTag !== undefined) {
    throw new Problem('INVALID_REQUEST', 'expected a version or a versionTag, found both');
  }
  const definitionVersion = versionTag === undefined ? version : taggedVersion(dependencies, name, versionTag);
  const command: StartInstance = {
    kind: 'startInstance',
    version: 1,
    instanceId: newInstanceId(dependencies, name, idempotencyKey),
    processId: name,
    ...(definitionVersion === undefined ? {} : { definitionVersion: Number(definitionVersion) }),
    ...(businessKey === undefined ? {} : { businessKey }),
    ...(flowName === undefined ? {} : { flowName }),
    variables,
    ...(expiresIn === undefined ? {} : { expiresAfterMs: parseDuration(expiresIn) ?? 0 }),
    ...(idempotencyKey === undefined ? {} : { remember: true }),
    ...traceparentOf(request),
  };
  const id = await startOrFind(dependencies, command);
  if (wait === 'completed') await untilEnd(dependencies, id, parseDuration(timeout ?? '') ?? limits.waitMsDefault);

  const { projection, runtime } = dependencies;
  const instance = existingInstance(projection.queries, id);
  return {
    processInstanceUuid: id,
    definition: instance.processId,
    version: instance.version,
    ...(instance.businessKey === undefined ? {} : { businessKey: instance.businessKey }),
    ...(instance.flowName === undefined ? {} : { flowName: instance.flowName }),
    state: instance.state,
    tokens: tokensOf(projection.queries, runtime.definitions, instance),
    ...(wait === undefined ? {} : { variables: { ...projection.queries.variables(id) } }),
  };
}

/** The newest that has it: a tag may be given again. */
function taggedVersion({ runtime }: RouteDependencies, name: string, versionTag: string): number {
  const versions = [...runtime.definitions.all()]
    .filter(({ processId, model }) => processId === name && model.versionTag === versionTag)
    .map(({ version }) => version);
  if (versions.length > 0) return Math.max(...versions);
  const sentence = `expected the process "${name}" to be deployed with the version tag "${versionTag}"`;
  throw new Problem('DEFINITION_NOT_FOUND', sentence);
}

/** With a key the id follows from it, so that a retry asks the same partition for the same instance. */
function newInstanceId({ runtime, random }: RouteDependencies, name: string, key: string | undefined): InstanceId {
  if (key !== undefined) {
    const digest = createHash('sha256')
      .update(JSON.stringify([name, key]))
      .digest();
    return instanceIdFromDigest(digest, runtime.partitionCount);
  }
  return instanceId(Math.floor(random.fraction() * runtime.partitionCount), random.bytes(16));
}

async function startOrFind({ commander }: RouteDependencies, command: StartInstance): Promise<InstanceId> {
  const ifNotFound = (message: string): Problem => new Problem('DEFINITION_NOT_FOUND', message);
  const { event } = await commander.tell(command, { ifNotFound });
  if (event.kind !== 'command.rejected') return command.instanceId;
  // Only an id that derives from an idempotency key can exist already: this is the retry, and that is its answer.
  if (event.reason === 'ALREADY_EXISTS') return event.instanceId ?? command.instanceId;
  throw refusal(event, ifNotFound);
}

async function untilEnd({ projection }: RouteDependencies, id: InstanceId, timeoutMs: number): Promise<void> {
  // Registered before looking, so that an end in between cannot be missed.
  const wait = projection.waiters.forEnd(id, timeoutMs);
  if (!isRunning(existingInstance(projection.queries, id).state)) return wait.cancel();
  try {
    await wait.event;
  } catch (error) {
    if (!(error instanceof ProjectionError)) throw error;
    const { state } = existingInstance(projection.queries, id);
    if (error.code === 'PROJECTION_CLOSED') {
      const sentence = `the server is shutting down; instance ${id} goes on, look at its status`;
      throw new Problem('NOT_READY', sentence, { processInstanceUuid: id, state }, { cause: error });
    }
    throw new Problem(
      'COMPLETION_TIMED_OUT',
      `expected instance ${id} to end within ${timeoutMs} ms, found it ${state}; it goes on, look at its status`,
      { processInstanceUuid: id, state },
      { cause: error },
    );
  }
}

function traceparentOf(request: FastifyRequest): { traceparent?: string } {
  const { traceparent } = request.headers;
  return typeof traceparent === 'string' && /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/.test(traceparent)
    ? { traceparent }
    : {};
}
