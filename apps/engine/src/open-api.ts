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
      tags: ['definitions', 'instances', 'tasks', 'messages', 'incidents', 'events', 'operations'].map((name) => ({
        name,
      })),
    },
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  });
  await server.register(swaggerUi, { routePrefix: '/docs', staticCSP: true });
  server.get('/openapi.json', { schema: { hide: true } }, async () => server.swagger());
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
