import { once } from 'node:events';
import { connect } from 'node:net';
import { VirtualClock } from '@millrace/testing';
import { apis, encodeBatch, encodeRequest, errors } from '@millrace/wire';
import { describe, expect, it } from 'vitest';
import { createBroker, defaultLimits } from '../src/index.ts';
import { createTopic, fetch, fetchOf, produce, recordsOf, type RunningBroker, startBroker } from './running-broker.ts';
import { waitFor } from './wait-for.ts';

const warnings = (broker: RunningBroker) => broker.lines.filter(({ level }) => level === 'warn');

describe('a connection', () => {
  it.for([
    { what: 'HTTP', bytes: Buffer.from('GET / HTTP/1.1\r\n\r\n'), found: 'found 1195725856' },
    { what: 'a frame of 2 GB', bytes: Buffer.from([0x7f, 0xff, 0xff, 0xff]), found: 'found 2147483647' },
    { what: 'a negative length', bytes: Buffer.from([0xff, 0xff, 0xff, 0xff]), found: 'found -1' },
    { what: 'an empty frame', bytes: Buffer.alloc(4), found: 'request header' },
    { what: 'an API that nobody knows', bytes: frame([0x03, 0xe7, 0, 0, 0, 0, 0, 1, 0xff, 0xff]), found: 'key 999' },
    {
      what: 'a version that is not served',
      bytes: frame([0, 1, 0, 99, 0, 0, 0, 1, 0xff, 0xff, 0]),
      found: 'Fetch in versions',
    },
    {
      what: 'a request cut short',
      bytes: frame([0, 3, 0, 1, 0, 0, 0, 1, 0xff, 0xff, 0, 0]),
      found: 'Metadata version 1',
    },
  ])('that sends $what is closed with one line that says so, and the rest goes on', async ({ bytes, found }) => {
    const broker = await startBroker();
    const neighbour = await broker.connect();
    await createTopic(neighbour, 'orders');
    const connection = await broker.connect();
    connection.socket.write(bytes);
    await connection.closed;
    expect(warnings(broker)).toHaveLength(1);
    expect(warnings(broker)[0]?.message).toContain(found);
    expect(warnings(broker)[0]?.fields).toEqual({ peer: expect.stringMatching(/^127\.0\.0\.1:\d+$/) });
    expect((await produce(neighbour, 'orders', recordsOf('a'))).errorCode).toBe(0);
  });

  it('may send its frames byte by byte', async () => {
    const broker = await startBroker();
    const connection = await broker.connect();
    const envelope = { api: apis.apiVersions, version: 0, correlationId: 77, clientId: null };
    const answer = connection.frame(77);
    for (const byte of Buffer.concat(encodeRequest(envelope, {}))) {
      connection.socket.write(Buffer.of(byte));
      await new Promise((resolve) => void setImmediate(resolve));
    }
    expect((await answer).length).toBeGreaterThan(100);
  });

  it('may end its side after the last request, and still gets every answer', async () => {
    const broker = await startBroker();
    const connection = await broker.connect();
    await createTopic(connection, 'orders');
    const records = encodeBatch(recordsOf('a'));
    const topics = [{ name: 'orders', partitions: [{ partition: 0, records }] }];
    const ids = Array.from({ length: 5 }, () => connection.send(apis.produce, 9, { acks: -1, timeoutMs: 0, topics }));
    connection.socket.end();
    await connection.closed;
    expect(connection.answered.slice(-5)).toEqual(ids);
  });

  it('pitfall 41: gets its answers in order when a long poll comes before a quick request', async () => {
    const broker = await startBroker();
    const connection = await broker.connect();
    const other = await broker.connect();
    await createTopic(connection, 'orders');
    const poll = connection.send(apis.fetch, 12, fetchOf('orders', { maxWaitMs: 60_000 }));
    const quick = connection.request(apis.metadata, 9, { topics: [] });
    await waitFor(() => broker.broker.stats().waitingFetches === 1);
    await produce(other, 'orders', recordsOf('a'));
    await quick;
    expect(connection.answered.slice(-2)[0]).toBe(poll);
  });

  it('is not read while it has its bound of requests unanswered', async () => {
    const broker = await startBroker({ limits: { connectionRequestsMax: 2 } });
    const connection = await broker.connect();
    const other = await broker.connect();
    await createTopic(connection, 'orders');
    const polls = [1, 2, 3].map(() => fetch(connection, 'orders', { maxWaitMs: 60_000 }));
    await waitFor(() => broker.broker.stats().waitingFetches === 2);
    await fetch(other, 'orders');
    expect(broker.broker.stats().waitingFetches).toBe(2);
    await produce(other, 'orders', recordsOf('a'));
    for (const poll of polls) expect((await poll).highWatermark).toBe(1);
  });

  it('that does not read its responses stops being served, holds its bound at most, and slows nobody', async () => {
    const limits = { unsentBytesMax: 256 * 1024 };
    const broker = await startBroker({ limits });
    const connection = await broker.connect();
    const slow = await broker.connect();
    await createTopic(connection, 'orders', { configs: { 'max.message.bytes': '2000000' } });
    await produce(connection, 'orders', [{ timestamp: 0, value: Buffer.alloc(1_000_000) }]);
    slow.socket.pause();
    const body = fetchOf('orders', { partitionMaxBytes: 1_000_000 });
    const ids = Array.from({ length: 100 }, () => slow.send(apis.fetch, 12, body));
    await waitFor(() => broker.broker.stats().bytes > limits.unsentBytesMax);
    for (let round = 0; round < 20; round++) await fetch(connection, 'orders');
    expect(broker.broker.stats().bytes).toBeLessThan(4_000_000);
    slow.socket.resume();
    await waitFor(() => slow.answered.length === ids.length);
    expect(slow.answered).toEqual(ids);
    await waitFor(() => broker.broker.stats().bytes === 0);
  });

  it('that never reads its responses is closed', async () => {
    const clock = new VirtualClock();
    const broker = await startBroker({ clock, limits: { unsentBytesMax: 64 * 1024 } });
    const [connection, deaf] = [await broker.connect(), await broker.connect()];
    await createTopic(connection, 'orders');
    await produce(connection, 'orders', [{ timestamp: 0, value: Buffer.alloc(1_000_000) }]);
    deaf.socket.pause();
    for (let round = 0; round < 20; round++) deaf.send(apis.fetch, 12, fetchOf('orders'));
    await waitFor(() => broker.broker.stats().bytes > 100_000);
    clock.advance(defaultLimits.unsentTimeoutMs + 2_000);
    await waitFor(() => broker.broker.stats().connections === 1);
    expect(warnings(broker)[0]?.message).toContain('expected responses to be read within 120000 ms');
  });

  it('that leaves with requests unanswered gives back all that it held', async () => {
    const broker = await startBroker();
    const connection = await broker.connect();
    const leaving = await broker.connect();
    await createTopic(connection, 'orders');
    leaving.send(apis.fetch, 12, fetchOf('orders', { maxWaitMs: 60_000 }));
    leaving.socket.write(Buffer.from([0, 0, 1, 0, 1, 2, 3]));
    await waitFor(() => broker.broker.stats().waitingFetches === 1);
    leaving.socket.resetAndDestroy();
    await waitFor(() => broker.broker.stats().connections === 1);
    expect(broker.broker.stats()).toMatchObject({ bytes: 0, waitingFetches: 0 });
  });

  it('above the bound of connections is closed at once', async () => {
    const broker = await startBroker({ limits: { connectionsMax: 1 } });
    const first = await broker.connect();
    const second = await broker.connect();
    await second.closed;
    expect(warnings(broker)[0]?.message).toContain('at most 1');
    await createTopic(first, 'orders');
  });

  it('that stalls in a frame, or does nothing for long, is closed', async () => {
    const clock = new VirtualClock();
    const broker = await startBroker({ clock });
    const [stalling, idle, polling] = [await broker.connect(), await broker.connect(), await broker.connect()];
    await createTopic(polling, 'orders');
    stalling.socket.write(Buffer.from([0, 0, 1, 0, 1]));
    await waitFor(() => broker.broker.stats().bytes === 5);
    clock.advance(defaultLimits.frameTimeoutMs + 2_000);
    await stalling.closed;
    expect(warnings(broker)[0]?.message).toContain('found 5 bytes of it');
    const poll = fetch(polling, 'orders', { maxWaitMs: 2 * defaultLimits.idleTimeoutMs });
    await waitFor(() => broker.broker.stats().waitingFetches === 1);
    clock.advance(defaultLimits.idleTimeoutMs);
    await idle.closed;
    clock.advance(defaultLimits.idleTimeoutMs + 60_000);
    expect((await poll).errorCode).toBe(0);
  });
});

describe('a broker', () => {
  it('refuses a port in use with PORT_IN_USE, and lets go of its data directory', async () => {
    const broker = await startBroker();
    const { directory } = await startBroker();
    const dataDirectory = `${directory}/other`;
    const listeners = [{ host: '127.0.0.1', port: broker.port }];
    await expect(createBroker({ dataDirectory, listeners }).start()).rejects.toMatchObject({ code: 'PORT_IN_USE' });
    const free = createBroker({ dataDirectory, listeners: [{ host: '127.0.0.1', port: 0 }] });
    await free.start();
    await free.close();
  });

  it('refuses a data directory that another broker has open', async () => {
    const { directory: dataDirectory } = await startBroker();
    const second = createBroker({ dataDirectory, listeners: [{ host: '127.0.0.1', port: 0 }] });
    await expect(second.start()).rejects.toMatchObject({ code: 'DIRECTORY_LOCKED' });
  });

  it('tells clients the address that is advertised', async () => {
    const advertised = { host: 'broker.example', port: 19_092 };
    const broker = await startBroker({ listeners: [{ host: '127.0.0.1', port: 0, advertised }] });
    const connection = await broker.connect();
    const metadata = await connection.request(apis.metadata, 9, { topics: [] });
    expect(metadata.brokers).toMatchObject([advertised]);
    const coordinator = await connection.request(apis.findCoordinator, 4, { coordinatorKeys: ['a', 'b'], keyType: 1 });
    expect(coordinator.coordinators).toMatchObject([
      { key: 'a', ...advertised },
      { key: 'b', ...advertised },
    ]);
  });

  it('that listens everywhere tells clients the address at which they reached it', async () => {
    const broker = await startBroker({ listeners: [{ host: '0.0.0.0', port: 0 }], allowInsecureListeners: true });
    const metadata = await (await broker.connect()).request(apis.metadata, 9, { topics: [] });
    expect(metadata.brokers).toMatchObject([{ host: '127.0.0.1', port: broker.port }]);
  });

  it('closes within the time it takes, however much its clients go on sending', async () => {
    const broker = await startBroker({ limits: { closeTimeoutMs: 60_000, connectionRequestsMax: 4 } });
    const connection = await broker.connect();
    await createTopic(connection, 'orders');
    const records = encodeBatch([{ timestamp: 0, value: Buffer.alloc(500_000) }]);
    const topics = [{ name: 'orders', partitions: [{ partition: 0, records }] }];
    for (let round = 0; round < 100; round++) connection.send(apis.produce, 9, { acks: -1, timeoutMs: 0, topics });
    await waitFor(() => connection.answered.length > 4);
    await broker.broker.close();
    expect(broker.lines.at(-1)?.message).toBe('broker is closed');
  });

  it('closes without waiting for clients that do not notice', async () => {
    const broker = await startBroker({ limits: { closeTimeoutMs: 60_000 } });
    // It takes its answers, and has no ear for the end.
    const idle = connect({ port: broker.port, host: '127.0.0.1', allowHalfOpen: true });
    await once(idle, 'connect');
    idle.on('error', () => {});
    await waitFor(() => broker.broker.stats().connections === 1);
    await broker.broker.close();
    expect(broker.lines.at(-1)?.message).toBe('broker is closed');
    idle.destroy();
  });

  it('closes cleanly under load: what was acknowledged is there afterwards, polls and joins are answered', async () => {
    const broker = await startBroker();
    const connection = await broker.connect();
    const polling = await broker.connect();
    await createTopic(connection, 'orders');
    const poll = fetch(polling, 'orders', { offset: 0, minBytes: 1_000_000, maxWaitMs: 60_000 });
    await waitFor(() => broker.broker.stats().waitingFetches === 1);
    let acknowledged = 0;
    const load = Array.from({ length: 200 }, () =>
      produce(connection, 'orders', recordsOf('a')).then(
        ({ errorCode }) => void (acknowledged += errorCode === errors.NONE.code ? 1 : 0),
        () => {},
      ),
    );
    await waitFor(() => acknowledged > 0);
    await broker.broker.close();
    await Promise.all(load);
    expect((await poll).errorCode).toBe(0);
    expect(broker.failures).toEqual([]);
    await broker.start();
    const { highWatermark } = await fetch(await broker.connect(), 'orders');
    expect(highWatermark).toBeGreaterThanOrEqual(acknowledged);
  });
});

function frame(body: readonly number[]): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length);
  return Buffer.concat([length, Buffer.from(body)]);
}
