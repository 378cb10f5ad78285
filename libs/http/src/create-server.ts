/**
 * The house rules of everything that answers HTTP here:
 *
 * H1. Every error is an RFC 9457 problem document with a code from the contract's table.
 * H2. What nobody foresaw is logged whole and told without its inside.
 * H3. Closing lets requests in flight finish, and ends what would never finish by itself after a named time.
 */
import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { limits, PROBLEM_MEDIA_TYPE, Problem, toProblemDocument } from '@millrace/contract';
import { messageOf } from '@millrace/std';
import { type FastifyBaseLogger, type FastifyInstance, type FastifyReply, fastify, LogController } from 'fastify';
import { validatorCompiler } from 'fastify-type-provider-zod';
import { acceptJson } from './json-body.ts';
import { problemOf } from './problem-of.ts';
import { representationConstraint } from './representation.ts';

export interface HttpOptions {
  readonly logger: FastifyBaseLogger;
  /** Bodies above are refused before they are read. */
  readonly bodyBytesMax?: number;
  /** Sockets above are closed at once: each costs memory before it has said anything. */
  readonly connectionsMax?: number;
}

export const httpLimits = {
  connectionsMax: 10_000,
  /** A request must have arrived whole by then: bounds what a client that sends a byte a second can hold. */
  requestTimeoutMs: 60_000,
  keepAliveTimeoutMs: 72_000,
  urlParameterLengthMax: 512,
} as const;

export function createHttpServer(options: HttpOptions): FastifyInstance {
  const server = fastify({
    loggerInstance: options.logger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    bodyLimit: options.bodyBytesMax ?? limits.bodyBytesMax,
    requestTimeout: httpLimits.requestTimeoutMs,
    keepAliveTimeout: httpLimits.keepAliveTimeoutMs,
    routerOptions: { maxParamLength: httpLimits.urlParameterLengthMax, constraints: representationConstraint },
    forceCloseConnections: 'idle',
    clientErrorHandler: refuseGarbage,
    frameworkErrors: (error, _request, reply) => {
      answerProblem(reply, error);
    },
  }) as unknown as FastifyInstance;
  server.server.maxConnections = options.connectionsMax ?? httpLimits.connectionsMax;

  server.setValidatorCompiler((route: Parameters<typeof validatorCompiler>[0]) => {
    const validate = validatorCompiler(route);
    // Fastify says null where no body came: to a schema that allows none, it is none.
    return route.httpPart === 'body' ? (body: unknown) => validate(body ?? undefined) : validate;
  });
  // The types of answers are checked by the compiler and their shapes by tests; running the schema over every answer
  // would only cost time.
  server.setSerializerCompiler(() => (answer) => JSON.stringify(answer));
  acceptJson(server);
  server.setErrorHandler((error, _request, reply) => {
    answerProblem(reply, error);
  });
  server.setNotFoundHandler((request, reply) => {
    const found = `${request.method} ${request.url.slice(0, 200)}`;
    answerProblem(reply, new Problem('ROUTE_NOT_FOUND', `expected a call that exists, found ${found}`));
  });
  return server;
}

function answerProblem(reply: FastifyReply, error: unknown): void {
  let problem = problemOf(error);
  if (problem === undefined) {
    reply.log.error({ err: error, url: reply.request.url }, 'a request failed in a way nobody foresaw'); // H2
    problem = new Problem(
      'INTERNAL',
      `the call failed by a fault of ours; the log has it under request ${reply.request.id}`,
    );
  } else if (problem.httpStatus >= 500) {
    reply.log.warn({ code: problem.code, url: reply.request.url, cause: problem.cause }, problem.message);
  }
  if (problem.httpStatus === 503) reply.header('retry-after', String(problem.details.retryAfterSeconds ?? 1));
  reply
    .code(problem.httpStatus)
    .header('content-type', PROBLEM_MEDIA_TYPE)
    .serializer((document: unknown) => JSON.stringify(document))
    .send(toProblemDocument(problem));
}

/** What is not HTTP gets one line of HTTP, and the socket is closed. */
function refuseGarbage(this: FastifyInstance, error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  this.log.debug({ code: error.code }, `a socket sent what is not HTTP: ${messageOf(error)}`);
  if (socket.writable) {
    const status = error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request';
    socket.write(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
  }
  socket.destroy(error);
}
