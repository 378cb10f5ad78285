import multipart from '@fastify/multipart';
import {
  checkAnswer,
  type DeploymentAnswer,
  definitionParams,
  definitionQuery,
  definitionsAnswer,
  definitionVersionsAnswer,
  deploymentAnswer,
  limits,
  pluginsAnswer,
  Problem,
} from '@millrace/contract';
import type { Queries } from '@millrace/projection';
import { type EventOf, definitionKey } from '@millrace/records';
import type { DefinitionReader, DeployedDecision, DeployedDefinition, DeployedForm } from '@millrace/runtime';
import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { answers, textAnswer } from '../answers.ts';
import { engineLimits, type RouteDependencies } from '../dependencies.ts';
import { checkDeployment, type DeploymentFile, reviewFiles } from '../deployment.ts';
import { decisionView, definitionView, formView } from '../views.ts';

export const definitionRoutes: FastifyPluginAsyncZod<RouteDependencies> = async (
  server,
  { commander, runtime, projection, plugins },
) => {
  const { definitions } = runtime;
  const { queries } = projection;
  const view = (definition: DeployedDefinition) => definitionView(queries, definition);
  const tags = ['definitions'];
  await server.register(multipart, {
    limits: {
      fileSize: limits.bodyBytesMax,
      files: limits.deploymentFilesMax,
      fields: 20,
      parts: limits.deploymentFilesMax + 20,
    },
  });
  server.addContentTypeParser(
    ['application/xml', 'text/xml', 'application/bpmn+xml', 'application/dmn+xml'],
    { parseAs: 'buffer' },
    (_request, body, done) => done(null, body),
  );

  const versionsOf = (name: string): DeployedDefinition[] =>
    [...definitions.all()]
      .filter(({ processId }) => processId === name)
      .sort((one, other) => other.version - one.version);
  const find = (name: string, version: string | undefined): DeployedDefinition => {
    const found =
      version === undefined ? definitions.latest(name) : definitions.get(definitionKey(name, Number(version)));
    if (found !== undefined) return found;
    const what = version === undefined ? `"${name}"` : `"${name}" version ${version}`;
    throw new Problem('DEFINITION_NOT_FOUND', `expected the process ${what} to be deployed`);
  };

  server.post(
    '/api/definitions',
    {
      schema: {
        tags,
        summary: 'Deploy BPMN, DMN and form files',
        description: `Multipart form data with one or more files, or one BPMN or DMN file as the body (\`application/xml\`). At most ${limits.bodyBytesMax} bytes. All files are deployed, or none. A file that is deployed already keeps its version.`,
        consumes: ['multipart/form-data', 'application/xml'],
        response: answers(201, deploymentAnswer),
      },
    },
    async (request, reply): Promise<DeploymentAnswer> => {
      const { command, warnings } = await checkDeployment(await filesOf(request), { definitions, plugins });
      const { event } = await commander.ask(command, {
        accepts: ({ event: { kind } }) => kind === 'deployment.accepted',
        ifNotFound: (message) => new Problem('DEPLOYMENT_REFUSED', message),
      });
      const accepted = event as EventOf<'deployment.accepted'>;
      reply.code(201);
      return {
        ...(await deployedViews(accepted, definitions, queries)),
        warnings: warnings.map(({ path: _path, severity: _severity, ...warning }) => warning),
      };
    },
  );

  server.post(
    '/api/definitions/check',
    {
      schema: {
        tags,
        summary: 'Say what a deployment would complain about, and deploy nothing',
        consumes: ['multipart/form-data', 'application/xml'],
        response: answers(200, checkAnswer),
      },
    },
    async (request) => {
      const { issues } = await reviewFiles(await filesOf(request), { definitions, plugins });
      return { isDeployable: issues.every(({ severity }) => severity !== 'error'), issues: [...issues] };
    },
  );

  server.get(
    '/api/plugins',
    {
      schema: {
        tags: ['plugins'],
        summary: 'The plugins that have announced themselves',
        response: answers(200, pluginsAnswer),
      },
    },
    async () => ({ items: [...plugins.all()].sort((one, other) => one.type.localeCompare(other.type)) }),
  );

  server.get(
    '/api/definitions',
    { schema: { tags, summary: 'The newest version of every process', response: answers(200, definitionsAnswer) } },
    async () => {
      const latest = [...definitions.all()].filter((one) => definitions.latest(one.processId) === one);
      return { items: latest.map(view).sort((one, other) => one.name.localeCompare(other.name)) };
    },
  );

  server.get(
    '/api/definitions/:name',
    {
      schema: {
        tags,
        summary: 'The versions of a process',
        params: definitionParams,
        response: answers(200, definitionVersionsAnswer),
      },
    },
    async ({ params: { name } }) => {
      find(name, undefined);
      return { name, versions: versionsOf(name).map(view) };
    },
  );

  server.get(
    '/api/definitions/:name/xml',
    {
      schema: {
        tags,
        summary: 'The model as it was deployed',
        params: definitionParams,
        querystring: definitionQuery,
        response: textAnswer('application/xml', 'BPMN 2.0'),
      },
    },
    async ({ params: { name }, query: { version } }, reply) =>
      reply.type('application/xml; charset=utf-8').send(find(name, version).xml),
  );
};

/** A start, an evaluation or a form shown that follows the answer must find here what was deployed. */
async function deployedViews(
  { definitions, decisions, forms }: EventOf<'deployment.accepted'>,
  reader: DefinitionReader,
  queries: Queries,
): Promise<Omit<DeploymentAnswer, 'warnings'>> {
  const processes: DeploymentAnswer['definitions'] = [];
  for (const { definitionKey: key, isNew } of definitions) {
    processes.push({ ...definitionView(queries, await reader.waitForKey(key, engineLimits.definitionMsMax)), isNew });
  }
  for (const key of new Set([...decisions.map(({ graphKey }) => graphKey), ...forms.map((form) => form.formKey)])) {
    await reader.waitForRecord(key, engineLimits.definitionMsMax);
  }
  const { resources } = reader;
  return {
    definitions: processes,
    decisions: decisions.map(({ decisionId, decisionVersion, isNew }) => ({
      ...decisionView(resources.decision(decisionId, decisionVersion) as DeployedDecision),
      isNew,
    })),
    forms: forms.map(({ formId, formVersion, isNew }) => ({
      ...formView(resources.form(formId, formVersion) as DeployedForm),
      isNew,
    })),
  };
}

async function filesOf(request: FastifyRequest): Promise<DeploymentFile[]> {
  if (!request.isMultipart()) {
    if (Buffer.isBuffer(request.body) && request.body.length > 0) return [{ name: 'model', content: request.body }];
    throw new Problem(
      'UNSUPPORTED_MEDIA_TYPE',
      `expected multipart form data with files or one XML body, found ${request.headers['content-type'] ?? 'no content type'}`,
    );
  }
  try {
    return await filesOfForm(request);
  } catch (error) {
    // What the parser of forms throws has no code, what all others throw has one.
    if (!(error instanceof Error) || 'code' in error) throw error;
    throw new Problem('INVALID_REQUEST', `expected well-formed multipart form data, found: ${error.message}`);
  }
}

async function filesOfForm(request: FastifyRequest): Promise<DeploymentFile[]> {
  const files: DeploymentFile[] = [];
  let bytes = 0;
  for await (const file of request.files()) {
    const content = await file.toBuffer();
    bytes += content.length;
    if (bytes > limits.bodyBytesMax) {
      throw new Problem('BODY_TOO_LARGE', `expected files of at most ${limits.bodyBytesMax} bytes together`, {
        limit: limits.bodyBytesMax,
      });
    }
    files.push({ name: file.filename === '' ? `file ${files.length + 1}` : file.filename, content });
  }
  if (files.length === 0)
    throw new Problem('INVALID_REQUEST', 'expected at least one file in the form data, found none');
  return files;
}
