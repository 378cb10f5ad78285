import multipart from '@fastify/multipart';
import {
  type DeploymentAnswer,
  definitionParams,
  definitionQuery,
  definitionsAnswer,
  definitionVersionsAnswer,
  deploymentAnswer,
  limits,
  Problem,
} from '@millrace/contract';
import { definitionKey } from '@millrace/records';
import type { DeployedDefinition } from '@millrace/runtime';
import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { answers, textAnswer } from '../answers.ts';
import { engineLimits, type RouteDependencies } from '../dependencies.ts';
import { checkDeployment, type DeploymentFile } from '../deployment.ts';
import { definitionView } from '../views.ts';

export const definitionRoutes: FastifyPluginAsyncZod<RouteDependencies> = async (server, { commander, runtime }) => {
  const { definitions } = runtime;
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
    ['application/xml', 'text/xml', 'application/bpmn+xml'],
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
        summary: 'Deploy BPMN files',
        description: `Multipart form data with one or more files, or one BPMN file as the body (\`application/xml\`). At most ${limits.bodyBytesMax} bytes. A file that is deployed already keeps its version.`,
        consumes: ['multipart/form-data', 'application/xml'],
        response: answers(201, deploymentAnswer),
      },
    },
    async (request, reply): Promise<DeploymentAnswer> => {
      const { commands, warnings } = await checkDeployment(await filesOf(request), definitions);
      const deployed: DeploymentAnswer['definitions'] = [];
      for (const command of commands) {
        const { event } = await commander.ask(command, {
          ifNotFound: (message) => new Problem('DEPLOYMENT_REFUSED', message),
        });
        if (event.kind !== 'deployment.accepted') continue;
        for (const { definitionKey: key, isNew } of event.definitions) {
          // A start that follows the answer must find it here.
          const definition = await definitions.waitForKey(key, engineLimits.definitionMsMax);
          deployed.push({ ...definitionView(definition), isNew });
        }
      }
      reply.code(201);
      return {
        definitions: deployed,
        warnings: warnings.map(({ path: _path, severity: _severity, ...warning }) => warning),
      };
    },
  );

  server.get(
    '/api/definitions',
    { schema: { tags, summary: 'The newest version of every process', response: answers(200, definitionsAnswer) } },
    async () => {
      const latest = [...definitions.all()].filter((one) => definitions.latest(one.processId) === one);
      return { items: latest.map(definitionView).sort((one, other) => one.name.localeCompare(other.name)) };
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
      return { name, versions: versionsOf(name).map(definitionView) };
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

async function filesOf(request: FastifyRequest): Promise<DeploymentFile[]> {
  if (!request.isMultipart()) {
    if (Buffer.isBuffer(request.body) && request.body.length > 0)
      return [{ name: 'model.bpmn', content: request.body }];
    throw new Problem(
      'UNSUPPORTED_MEDIA_TYPE',
      `expected multipart form data with files or one XML body, found ${request.headers['content-type'] ?? 'no content type'}`,
    );
  }
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
