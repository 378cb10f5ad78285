/** What arrives by the Kafka protocol and cannot be used: records go to the dead letters with the reason, bytes cost their sender. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { type IHeaders, Kafka, type Producer, logLevel } from 'kafkajs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { RunningServer } from './running-server.ts';

const replies = 'millrace.engine.receive.replies.v1';
const nobody = '00000000-0000-8000-8000-000000000000';

describe('by the Kafka protocol', () => {
  let server: RunningServer;
  let producer: Producer;
  const letters: { value: string | undefined; headers: Record<string, string> }[] = [];
  const closing: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    server = await RunningServer.start(['--demo', 'false', '--fsync', 'never']);
    const model = await readFile(new URL('signature.bpmn', import.meta.url), 'utf8');
    expect(await server.post('/api/definitions', model, 'application/xml')).toMatchObject({ status: 201 });

    const kafka = new Kafka({ brokers: [server.process.kafka], logLevel: logLevel.NOTHING });
    producer = kafka.producer();
    await producer.connect();
    const consumer = kafka.consumer({ groupId: 'dead-letter-office', maxWaitTimeInMs: 100 });
    await consumer.connect();
    closing.push(
      () => consumer.disconnect(),
      () => producer.disconnect(),
    );
    await consumer.subscribe({ topic: 'millrace.core.dead.letters.v1', fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ message }) => {
        letters.push({ value: message.value?.toString(), headers: textsOf(message.headers) });
      },
    });
  });
  afterAll(async () => {
    for (const close of closing) await close();
    await server[Symbol.asyncDispose]();
  });

  // Whatever came before: an instance runs to its end, its job answered by a record.
  afterEach(async () => {
    await answeredJob();
  });

  const send = async (value: string, headers: IHeaders): Promise<void> => {
    await producer.send({ topic: replies, messages: [{ key: nobody, value, headers }] });
  };
  const letterOf = (mark: string) =>
    until(`a dead letter of ${mark}`, () => letters.find(({ headers }) => headers['x-mark'] === mark), 10_000);

  /** Runs an instance through; gives the headers of the reply that has done its job. */
  async function answeredJob(): Promise<Record<string, string>> {
    const id = await server.startInstance('signature', {});
    const { body } = await server.get(`/api/tasks?processInstanceUuid=${id}`);
    const [task] = body['items'] as { id: string }[];
    expect(await server.post(`/api/tasks/${task?.id}/complete`)).toMatchObject({ status: 200 });
    const jobKey = await until('the job to be there', async () => {
      const { body: history } = await server.get(`/api/process/${id}/events`);
      const events = history['items'] as { type: string; data: { jobKey?: string } }[];
      return events.find(({ type }) => type === 'job.created')?.data.jobKey;
    });
    const headers = { processInstanceUuid: id, 'mr-job': jobKey, 'mr-attempt': '1' };
    await send('{"archived":true}', headers);
    expect(await server.untilEnded(id)).toMatchObject({ state: 'FINISHED', variables: { archived: true } });
    return headers;
  }

  it('keeps a record that is not JSON', async () => {
    await send('certainly not JSON', {
      processInstanceUuid: nobody,
      'mr-job': 'j',
      'mr-attempt': '1',
      'x-mark': 'no-json',
    });
    expect(await letterOf('no-json')).toMatchObject({
      value: 'certainly not JSON',
      headers: {
        'mr-dead-reason': 'NOT_JSON',
        'mr-dead-topic': replies,
        'mr-dead-message': expect.stringContaining('expected'),
      },
    });
  });

  it('keeps a reply that names no instance', async () => {
    await send('{}', { 'x-mark': 'no-instance' });
    expect(await letterOf('no-instance')).toMatchObject({
      value: '{}',
      headers: {
        'mr-dead-reason': 'HEADER_MISSING',
        'mr-dead-message': expect.stringContaining('processInstanceUuid'),
      },
    });
  });

  it('keeps a reply for a job that nobody knows', async () => {
    await send('{"a":1}', {
      processInstanceUuid: nobody,
      'mr-job': '0-0-0',
      'mr-attempt': '1',
      'x-mark': 'unknown-job',
    });
    expect(await letterOf('unknown-job')).toMatchObject({
      value: '{"a":1}',
      headers: { 'mr-dead-reason': 'NOT_FOUND', 'mr-job': '0-0-0' },
    });
  });

  it('keeps a second reply for a job that is finished, and changes nothing by it', async () => {
    const headers = await answeredJob();
    await send('{"archived":"twice"}', { ...headers, 'x-mark': 'finished-job' });
    expect(await letterOf('finished-job')).toMatchObject({
      value: '{"archived":"twice"}',
      headers: { 'mr-dead-reason': 'NOT_FOUND', 'mr-dead-topic': replies },
    });
    const { body } = await server.get(`/api/process/${headers['processInstanceUuid']}/status`);
    expect(body).toMatchObject({ variables: { archived: true } });
  });

  it.for([
    ['is garbage', Buffer.from('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n')],
    ['announces 2 GB', Buffer.from([0x7f, 0xff, 0xff, 0xff, 0, 3, 0, 9])],
    ['announces less than nothing', Buffer.from([0xff, 0xff, 0xff, 0xff])],
    ['ends inside its header', Buffer.from([0, 0, 0, 2, 0, 18])],
    [
      'has a body that does not fit its schema',
      Buffer.from([0, 0, 0, 12, 0, 3, 0, 9, 0, 0, 0, 1, 0xff, 0xff, 0, 0x7f]),
    ],
  ] as const)('closes the connection whose frame %s', async ([, bytes]) => {
    const socket = connect(server.kafkaPort, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(bytes);
    await until('the connection to be closed', () => socket.resume().closed, 5_000);
  });

  it('does without a client that leaves in the middle of a frame', async () => {
    const socket = connect(server.kafkaPort, '127.0.0.1');
    await once(socket, 'connect');
    socket.end(Buffer.from([0, 0, 1, 0, 0, 18, 0, 3]));
    await until('the connection to be closed', () => socket.resume().closed, 5_000);
  });
});

function textsOf(headers: IHeaders | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name, String(value)]));
}
