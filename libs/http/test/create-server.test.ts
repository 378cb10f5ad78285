import { connect } from 'node:net';
import { limits, problemDocument } from '@millrace/contract';
import { OperationalError, systemClock } from '@millrace/std';
import type { FastifyInstance } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createHttpServer, type Served, serve } from '../src/index.ts';

const echo: FastifyPluginAsyncZod = async (server) => {
  server.post(
    '/echo/:name',
    {
      schema: { params: z.object({ name: z.string().max(5) }), body: z.object({ count: z.int(), label: z.string() }) },
    },
    async (request) => request.body,
  );
  server.get('/both', { constraints: { representation: 'json' } }, async () => ({ is: 'json' }));
  server.get('/both', { constraints: { representation: 'stream' } }, async () => ({ is: 'stream' }));
  server.post('/optional', { schema: { body: z.object({ a: z.int() }).optional() } }, async (request) => ({
    body: request.body ?? 'none',
  }));
  server.get('/plain', async () => ({ is: 'plain' }));
  server.get('/fault', async () => {
    throw new Error('the password is hunter2');
  });
  server.get('/unavailable', async () => {
    throw new OperationalError('BROKER_GONE', { httpStatus: 503, retriable: true }, 'expected a broker');
  });
};

async function serverWithEcho(): Promise<FastifyInstance> {
  const server = createHttpServer({ logger: pino({ level: 'silent' }) });
  await server.register(echo);
  return server;
}

describe('createHttpServer', () => {
  it.for([
    ['what is not JSON', '{"count": 1', 400, 'NOT_JSON'],
    ['a number that would round', '{"count": 12345678901234567890}', 400, 'NUMBER_WOULD_ROUND'],
    ['a forbidden key', '{"__proto__": {}}', 400, 'FORBIDDEN_KEY'],
    ['a body that does not fit', '{"count": "1"}', 400, 'INVALID_REQUEST'],
    ['a body above the limit', `"${'x'.repeat(limits.bodyBytesMax)}"`, 413, 'BODY_TOO_LARGE'],
  ] as const)('H1 answers %s by a problem document', async ([, payload, status, code]) => {
    const server = await serverWithEcho();
    const answer = await server.inject({
      method: 'POST',
      url: '/echo/a',
      headers: { 'content-type': 'application/json' },
      payload,
    });
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(problemDocument.parse(answer.json())).toMatchObject({ status, code });
    expect(answer.statusCode).toBe(status);
  });

  it.for([
    ['a path with a part that is too long', 'POST', `/echo/${'x'.repeat(600)}`, 400, 'INVALID_REQUEST'],
    ['a method that no call has', 'QUERY', '/plain', 404, 'ROUTE_NOT_FOUND'],
  ] as const)('H1 answers %s by a problem document', async ([, method, path, status, code]) => {
    const server = await serverWithEcho();
    const served = await serve(server, { host: '127.0.0.1', port: 0 }, systemClock);
    try {
      const answer = await fetch(`${served.url}${path}`, { method });
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
      expect(problemDocument.parse(await answer.json())).toMatchObject({ status, code });
    } finally {
      await served.close();
    }
  });

  it('names the limit that a body went over', async () => {
    const server = await serverWithEcho();
    const payload = `"${'x'.repeat(limits.bodyBytesMax)}"`;
    const answer = await server.inject({
      method: 'POST',
      url: '/echo/a',
      headers: { 'content-type': 'application/json' },
      payload,
    });
    expect(answer.json()).toMatchObject({ limit: limits.bodyBytesMax });
  });

  it('lists every issue of a body with its place', async () => {
    const server = await serverWithEcho();
    const answer = await server.inject({ method: 'POST', url: '/echo/a', payload: { count: 'one' } });
    expect(answer.json().issues.map((issue: { path: string }) => issue.path)).toEqual(['body/count', 'body/label']);
  });

  it('names the parameter of the path that does not fit', async () => {
    const server = await serverWithEcho();
    const answer = await server.inject({ method: 'POST', url: '/echo/abcdefgh', payload: { count: 1, label: '' } });
    expect(answer.json().issues[0].path).toBe('params/name');
  });

  it('takes no body where the schema allows none', async () => {
    const server = await serverWithEcho();
    expect((await server.inject({ method: 'POST', url: '/optional' })).json()).toEqual({ body: 'none' });
    expect((await server.inject({ method: 'POST', url: '/optional', payload: { a: 1 } })).json()).toEqual({
      body: { a: 1 },
    });
    expect((await server.inject({ method: 'POST', url: '/echo/a' })).statusCode).toBe(400);
  });

  it('refuses a media type that it does not read', async () => {
    const server = await serverWithEcho();
    const answer = await server.inject({
      method: 'POST',
      url: '/echo/a',
      headers: { 'content-type': 'text/csv' },
      payload: 'a,b',
    });
    expect(answer.json()).toMatchObject({ status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' });
  });

  it('answers a call that does not exist by a problem document', async () => {
    const answer = await (await serverWithEcho()).inject({ url: '/nothing' });
    expect(answer.json()).toMatchObject({ status: 404, code: 'ROUTE_NOT_FOUND' });
  });

  it('H2 keeps the inside of a fault to itself', async () => {
    const answer = await (await serverWithEcho()).inject({ url: '/fault' });
    expect(answer.json()).toMatchObject({ status: 500, code: 'INTERNAL' });
    expect(answer.body).not.toContain('hunter2');
  });

  it('says when to come back when something behind it is away', async () => {
    const answer = await (await serverWithEcho()).inject({ url: '/unavailable' });
    expect(answer.json()).toMatchObject({ status: 503, code: 'LOG_UNAVAILABLE', retriable: true });
    expect(answer.headers['retry-after']).toBe('1');
  });

  it.for([
    ['/both', 'text/event-stream', 'stream'],
    ['/both', 'application/json', 'json'],
    ['/both', '*/*', 'json'],
    ['/plain', 'text/event-stream', 'plain'],
  ] as const)('serves %s for %s as %s', async ([url, accept, is]) => {
    const answer = await (await serverWithEcho()).inject({ url, headers: { accept } });
    expect(answer.json()).toEqual({ is });
  });
});

describe('serve', () => {
  const open: Served[] = [];
  afterEach(async () => {
    for (const served of open.splice(0)) await served.close();
  });
  const start = async (server: FastifyInstance, port = 0): Promise<Served> => {
    const served = await serve(server, { host: '127.0.0.1', port }, systemClock);
    open.push(served);
    return served;
  };

  it('says that the port is in use', async () => {
    const first = await start(await serverWithEcho());
    await expect(serve(await serverWithEcho(), { host: '127.0.0.1', port: first.port }, systemClock)).rejects.toThrow(
      `expected to listen on 127.0.0.1:${first.port}, found the port in use by another process`,
    );
  });

  it('H3 lets a request in flight finish when it closes', async () => {
    const server = await serverWithEcho();
    const reached = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<void>();
    server.get('/slow', async () => {
      reached.resolve();
      await finish.promise;
      return { is: 'finished' };
    });
    const served = await start(server);
    const answer = fetch(`${served.url}/slow`);
    await reached.promise;
    const closed = served.close();
    finish.resolve();
    expect(await (await answer).json()).toEqual({ is: 'finished' });
    await closed;
    await expect(fetch(`${served.url}/plain`)).rejects.toThrow();
  });

  it('answers bytes that are not HTTP with 400 and goes on serving', async () => {
    const served = await start(await serverWithEcho());
    const answer = await new Promise<string>((resolve, reject) => {
      let text = '';
      const socket = connect(served.port, '127.0.0.1', () => socket.write('\x00\x01garbage\r\n\r\n'));
      socket.on('data', (chunk) => (text += chunk.toString()));
      socket.on('close', () => resolve(text)).on('error', reject);
    });
    expect(answer).toContain('400 Bad Request');
    expect(await (await fetch(`${served.url}/plain`)).json()).toEqual({ is: 'plain' });
  });
});
