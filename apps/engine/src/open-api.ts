import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { problemKinds } from '@millrace/contract';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';

/** `/openapi.json` from the schemas of every route that is registered afterwards, and a page to read and try it. */
export async function registerOpenApi(server: FastifyInstance): Promise<void> {
  await server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Millrace', version: '1', description },
      tags: [
        'definitions',
        'decisions',
        'forms',
        'instances',
        'tasks',
        'messages',
        'signals',
        'incidents',
        'events',
        'operations',
      ].map((name) => ({
        name,
      })),
    },
    transform: (document) => describeFiles(jsonSchemaTransform(document)),
    transformObject: (document) => withoutUnused(jsonSchemaTransformObject(document)),
  });
  await server.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: true,
    // Without TLS a browser would ask for the page's own scripts by https, and find nothing.
    transformStaticCSP: (header) => header.replace('upgrade-insecure-requests;', ''),
  });
  server.get('/openapi.json', { schema: { hide: true } }, async () => server.swagger());
}

type Described = ReturnType<typeof jsonSchemaTransform>;

/** Files are read as they come and not by a schema; the document says all the same what they are. */
function describeFiles({ schema, url }: Described): Described {
  if (url !== '/api/definitions' || schema.consumes === undefined) return { schema, url };
  const file = { type: 'string', format: 'binary' };
  const content = {
    'multipart/form-data': { schema: { type: 'object', properties: { files: { type: 'array', items: file } } } },
    'application/xml': { schema: { type: 'string', description: 'One BPMN or DMN file' } },
  };
  return { schema: { ...schema, body: { content } }, url };
}

/** Every schema is written for input and for output; most are used in one direction only. */
function withoutUnused(document: ReturnType<typeof jsonSchemaTransformObject>): typeof document {
  if (!('openapi' in document)) return document;
  let schemas = Object.entries(document.components?.schemas ?? {});
  for (;;) {
    // One that goes may have been the last to refer to another.
    const text = JSON.stringify([document.paths, schemas]);
    const used = schemas.filter(([name]) => !name.endsWith('Input') || text.includes(`"#/components/schemas/${name}"`));
    if (used.length === schemas.length) break;
    schemas = used;
  }
  const components = { ...document.components, schemas: Object.fromEntries(schemas) };
  return { ...document, components } as typeof document;
}

const codes = Object.entries(problemKinds).map(
  ([code, { httpStatus, title, retriable }]) =>
    `| \`${code}\` | ${httpStatus} | ${title}${retriable ? ' (try again)' : ''} |`,
);

const description = `A workflow engine and integration bus on one log.

Errors are RFC 9457 problem documents (\`application/problem+json\`) with a stable \`code\`:

| code | status | meaning |
|---|---|---|
${codes.join('\n')}
`;
