import websocket from '@fastify/websocket';
import { instanceParams, Problem, watchAllQuery, watchInstanceQuery } from '@millrace/contract';
import type { Projection } from '@millrace/projection';
import { partitionOfInstance } from '@millrace/records';
import type { Clock } from '@millrace/std';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { beginAll, beginInstance } from './begin.ts';
import { catchUpAll, catchUpInstance } from './catch-up.ts';
import { eventFilter } from './event-filter.ts';
import { gatewayLimits } from './limits.ts';
import { LiveWatchers } from './live-watchers.ts';
import { SseSink } from './sse-sink.ts';
import type { WatchSink } from './watch-sink.ts';
import { WsSink } from './ws-sink.ts';

export interface GatewayDependencies {
  readonly projection: Projection;
  readonly clock: Clock;
}

/** `GET` of events, by SSE and by WebSocket. Register on a server of `@millrace/http`. */
export const gatewayRoutes: FastifyPluginAsyncZod<GatewayDependencies> = async (server, { projection, clock }) => {
  const live = new LiveWatchers(projection, clock);
  // Before the server waits for its connections to end: a stream never ends by itself.
  server.addHook('preClose', () => live.close());
  await server.register(websocket, { options: { maxPayload: gatewayLimits.incomingBytesMax } });

  const admit = async (): Promise<void> => {
    const { isReady, problem } = projection.health();
    if (!isReady) throw new Problem('NOT_READY', problem ?? 'the read models are not ready', { retryAfterSeconds: 1 });
    if (live.count >= gatewayLimits.watchersMax) {
      throw new Problem('OVERLOADED', `expected at most ${gatewayLimits.watchersMax} watchers`, {
        retryAfterSeconds: 5,
      });
    }
  };
  const admitToInstance = async (request: FastifyRequest): Promise<void> => {
    await admit();
    const { uuid } = request.params as { uuid: string };
    if (projection.queries.instance(uuid.toLowerCase()) === undefined)
      throw new Problem('INSTANCE_NOT_FOUND', `expected instance ${uuid} to exist`);
  };

  const run = (request: FastifyRequest, sink: WatchSink, session: () => Promise<void>): void => {
    live.open(sink);
    session().catch((error: unknown) => {
      request.log.error({ err: error }, 'a stream of events failed');
      sink.end();
    });
  };
  const watchInstance = (request: FastifyRequest, sink: WatchSink): void =>
    run(request, sink, async () => {
      const { uuid } = request.params as { uuid: string };
      const { from = 'start' } = request.query as { from?: 'start' | 'now' };
      const id = uuid.toLowerCase();
      const begin = await beginInstance(projection, partitionOfInstance(id), lastEventIdOf(request), from);
      if (begin.reset !== undefined) sink.send(sink.encoding.reset(begin.reset));
      await catchUpInstance(projection, live, id, begin.at, sink);
    });
  const watchAll = (request: FastifyRequest, sink: WatchSink): void =>
    run(request, sink, async () => {
      const query = request.query as { from?: 'start' | 'now' };
      const begin = await beginAll(projection, lastEventIdOf(request), query.from ?? 'now');
      if (begin.reset !== undefined) sink.send(sink.encoding.reset(begin.reset));
      await catchUpAll(projection, live, begin.at, sink, eventFilter(query, projection.queries));
    });
  const bySse = (reply: FastifyReply): SseSink => {
    reply.hijack();
    return new SseSink(reply.raw, clock);
  };

  server.get(
    '/api/process/:uuid/events',
    {
      constraints: { representation: 'stream' },
      schema: { hide: true, params: instanceParams, querystring: watchInstanceQuery },
      preHandler: admitToInstance,
    },
    (request, reply) => watchInstance(request, bySse(reply)),
  );
  server.get(
    '/api/events',
    {
      schema: {
        tags: ['events'],
        summary: 'All events, live, as server-sent events',
        description: 'Resumes by `Last-Event-ID` or `?lastEventId=`; an id that has expired gets a `reset` event.',
        querystring: watchAllQuery,
        response: { 200: { description: 'A stream', content: { 'text/event-stream': { schema: z.string() } } } },
      },
      preHandler: admit,
    },
    (request, reply) => watchAll(request, bySse(reply)),
  );
  server.get(
    '/api/process/:uuid/events/ws',
    {
      websocket: true,
      schema: { hide: true, params: instanceParams, querystring: watchInstanceQuery },
      preHandler: admitToInstance,
    },
    (socket, request) => watchInstance(request, new WsSink(socket, clock)),
  );
  server.get(
    '/api/events/ws',
    { websocket: true, schema: { hide: true, querystring: watchAllQuery }, preHandler: admit },
    (socket, request) => watchAll(request, new WsSink(socket, clock)),
  );
};

/** A browser that reconnects sends the newest id in the header, whatever its URL still says: the header wins. */
function lastEventIdOf(request: FastifyRequest): string | undefined {
  const header = request.headers['last-event-id'];
  if (typeof header === 'string' && header !== '') return header;
  const { lastEventId } = request.query as { lastEventId?: string };
  return lastEventId === '' ? undefined : lastEventId;
}
