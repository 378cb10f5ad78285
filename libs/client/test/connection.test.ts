import { type AddressInfo, type Server, type Socket, createServer } from 'node:net';
import { systemClock, systemRandom } from '@millrace/std';
import { FrameSplitter, type RequestHeader, apis, decodeRequestHeader, encodeResponse, errors } from '@millrace/wire';
import { afterEach, describe, expect, it } from 'vitest';
import { Connection } from '../src/connection.ts';
import { type ClientLimits, defaultLimits } from '../src/options.ts';

type Answer = (request: RequestHeader, socket: Socket) => void;

const closing: (() => void)[] = [];

afterEach(() => {
  for (const close of closing.splice(0)) close();
});

const everyVersion = Object.values(apis).map(({ key, advertised: [minVersion, maxVersion] }) => ({
  apiKey: key,
  minVersion,
  maxVersion,
}));

function answerVersions(request: RequestHeader, socket: Socket, apiKeys = everyVersion): void {
  const body = { errorCode: 0, apiKeys };
  socket.write(Buffer.concat(encodeResponse(apis.apiVersions, request.version, request.correlationId, body)));
}

function answerHeartbeat({ version, correlationId }: RequestHeader, socket: Socket, errorCode = 0): void {
  socket.write(Buffer.concat(encodeResponse(apis.heartbeat, version, correlationId, { errorCode })));
}

/** A server that does with each request what the script says, and a connection to it. */
async function scripted(script: Answer, limits: Partial<ClientLimits> = {}): Promise<Connection> {
  const server = createServer((socket) => {
    const splitter = new FrameSplitter(1_000_000);
    closing.push(() => socket.destroy());
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      for (const frame of splitter.push(chunk)) script(decodeRequestHeader(frame), socket);
    });
  });
  const port = await listen(server);
  return open(port, limits);
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  closing.push(() => void server.close());
  return (server.address() as AddressInfo).port;
}

async function open(port: number, limits: Partial<ClientLimits> = {}): Promise<Connection> {
  const environment = {
    clientId: 'test',
    clock: systemClock,
    random: systemRandom,
    limits: { ...defaultLimits, ...limits },
  };
  const connection = await Connection.open('127.0.0.1', port, environment);
  closing.push(() => connection.close());
  return connection;
}

const misbehaviours: readonly (readonly [what: string, code: string, does: Answer])[] = [
  ['closes', 'DISCONNECTED', (_, socket) => void socket.end()],
  [
    'answers what nobody asked',
    'MALFORMED',
    ({ correlationId }, socket) =>
      void socket.write(Buffer.concat(encodeResponse(apis.heartbeat, 4, correlationId + 1, { errorCode: 0 }))),
  ],
  [
    'sends garbage',
    'MALFORMED',
    ({ correlationId }, socket) => {
      const frame = Buffer.from([0, 0, 0, 7, 0, 0, 0, 0, 0, 9, 9]);
      frame.writeInt32BE(correlationId, 4);
      socket.write(frame);
    },
  ],
  ['announces 2 GB', 'MALFORMED', (_, socket) => void socket.write(Buffer.from([0x7f, 0xff, 0xff, 0xff]))],
];

const beat = { groupId: 'g', generationId: 1, memberId: 'm' };

describe('a connection', () => {
  it('speaks the highest version that both sides have', async () => {
    const versions: number[] = [];
    const connection = await scripted((request, socket) => {
      if (request.apiKey === apis.apiVersions.key) {
        answerVersions(request, socket, [{ apiKey: apis.heartbeat.key, minVersion: 1, maxVersion: 2 }]);
      } else {
        versions.push(request.version);
        answerHeartbeat(request, socket);
      }
    });
    await connection.request(apis.heartbeat, beat);
    expect(versions).toEqual([2]);
    await expect(connection.request(apis.produce, { acks: 1, timeoutMs: 1, topics: [] })).rejects.toMatchObject({
      code: 'UNSUPPORTED_VERSION',
      message: expect.stringContaining('to speak Produce 3 to 11, found none') as string,
    });
  });

  it('asks an old broker again in the version it knows', async () => {
    const asked: number[] = [];
    await scripted((request, socket) => {
      asked.push(request.version);
      if (request.version === 0) return answerVersions(request, socket);
      const refusal = { errorCode: errors.UNSUPPORTED_VERSION.code, apiKeys: [] };
      return void socket.write(Buffer.concat(encodeResponse(apis.apiVersions, 0, request.correlationId, refusal)));
    });
    expect(asked).toEqual([4, 0]);
  });

  it('sends requests without waiting for answers, and matches answers to them', async () => {
    const waiting: RequestHeader[] = [];
    const connection = await scripted((request, socket) => {
      if (request.apiKey === apis.apiVersions.key) return answerVersions(request, socket);
      waiting.push(request);
      if (waiting.length === 3) waiting.forEach((one, index) => answerHeartbeat(one, socket, index));
      return undefined;
    });
    const answers = await Promise.all([1, 2, 3].map(() => connection.request(apis.heartbeat, beat)));
    expect(answers.map((one) => one.errorCode)).toEqual([0, 1, 2]);
    expect(connection.inFlight).toBe(0);
  });

  it('ends when an answer does not come in time, and fails everything under way (C6)', async () => {
    const connection = await scripted(
      (request, socket) => {
        if (request.apiKey === apis.apiVersions.key) answerVersions(request, socket);
      },
      { requestTimeoutMs: 50 },
    );
    const results = await Promise.allSettled([1, 2].map(() => connection.request(apis.heartbeat, beat)));
    for (const result of results) expect(result).toMatchObject({ status: 'rejected', reason: { code: 'TIMED_OUT' } });
    expect(connection.isOpen).toBe(false);
    await expect(connection.request(apis.heartbeat, beat)).rejects.toMatchObject({ code: 'TIMED_OUT' });
  });

  it.for(misbehaviours)('fails what is under way when the broker %s (C6)', async ([, code, misbehave]) => {
    const connection = await scripted((request, socket) => {
      if (request.apiKey === apis.apiVersions.key) answerVersions(request, socket);
      else misbehave(request, socket);
    });
    await expect(connection.request(apis.heartbeat, beat)).rejects.toMatchObject({ code });
    expect(connection.isOpen).toBe(false);
  });

  it('fails what is under way when it is closed (C6)', async () => {
    const connection = await scripted((request, socket) => {
      if (request.apiKey === apis.apiVersions.key) answerVersions(request, socket);
    });
    const waiting = connection.request(apis.heartbeat, beat);
    connection.close();
    await expect(waiting).rejects.toMatchObject({ code: 'CLOSED', retriable: false });
  });

  it('says where nobody listens', async () => {
    const server = createServer();
    const port = await listen(server);
    await new Promise((resolve) => void server.close(resolve));
    await expect(open(port)).rejects.toMatchObject({
      code: 'DISCONNECTED',
      message: `expected a broker at 127.0.0.1:${port}, found ECONNREFUSED`,
    });
  });
});
