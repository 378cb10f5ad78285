/** A process as FlowX users model it: actions on its nodes, driven over REST and answered by a connector that knows Kafka and no more. */
import { readFile } from 'node:fs/promises';
import { definePlugin, runPlugins } from '@millrace/plugin';
import { type Consumer, type IHeaders, Kafka, type Producer, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { until } from '../support/until.ts';
import { RunningServer } from './running-server.ts';

interface Token {
  readonly id: string;
  readonly node: string;
  readonly status: string;
  readonly actions: readonly string[];
  readonly backTo?: readonly string[];
  readonly nodeActions?: readonly { readonly name: string; readonly state: string; readonly executions: number }[];
}

interface Status {
  readonly state: string;
  readonly stage?: string;
  readonly milestones: readonly { readonly name: string }[];
  readonly tokens: readonly Token[];
  readonly variables: Readonly<Record<string, unknown>>;
}

interface Received {
  readonly value: unknown;
  readonly headers: IHeaders;
}

const deadLetters = 'millrace.core.dead.letters.v1';

describe('actions of nodes, from the outside', () => {
  let server: RunningServer;
  let producer: Producer;
  let connector: Consumer;
  let plugins: { stop(): Promise<void> };
  /** What the connector has been asked, by instance; it answers when a test lets it. */
  const requests: Received[] = [];
  const letters: Received[] = [];

  beforeAll(async () => {
    server = await RunningServer.start(['--demo', 'false', '--fsync', 'never']);
    const model = await readFile(new URL('review.bpmn', import.meta.url), 'utf8');
    expect(await server.post('/api/definitions', model, 'application/xml')).toMatchObject({ status: 201 });
    const kafka = new Kafka({ brokers: [server.process.kafka], logLevel: logLevel.NOTHING });
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: 'scoring.requests', numPartitions: 1 }] });
    await admin.disconnect();
    producer = kafka.producer();
    await producer.connect();
    connector = kafka.consumer({ groupId: 'scoring', maxWaitTimeInMs: 100 });
    await connector.connect();
    await connector.subscribe({ topics: ['scoring.requests', deadLetters], fromBeginning: true });
    await connector.run({
      eachMessage: async ({ topic, message }) => {
        (topic === deadLetters ? letters : requests).push({
          value: JSON.parse(String(message.value)),
          headers: message.headers ?? {},
        });
      },
    });
    plugins = runPlugins({
      brokers: [server.process.kafka],
      groupId: 'registry',
      plugins: [
        definePlugin({
          type: 'registry',
          input: z.object({ customer: z.string() }),
          output: z.object({ number: z.string() }),
          handler: async ({ customer }) => ({ number: `no. 1 of ${customer}` }),
        }),
      ],
    });
  });
  afterAll(async () => {
    await plugins.stop();
    await connector.disconnect();
    await producer.disconnect();
    await server[Symbol.asyncDispose]();
  });

  const status = async (id: string): Promise<Status> =>
    (await server.get(`/api/process/${id}/status`)).body as unknown as Status;
  const untilSo = (id: string, what: string, isSo: (status: Status) => boolean): Promise<Status> =>
    until(
      what,
      async () => {
        const seen = await status(id);
        return isSo(seen) && seen;
      },
      15_000,
    );
  const tokenAt = ({ tokens }: Status, node: string): Token => {
    const token = tokens.find((one) => one.node === node);
    if (token === undefined) throw new Error(`expected a token at ${node}, found ${JSON.stringify(tokens)}`);
    return token;
  };
  const act = (id: string, token: Token, action: string, variables: object = {}) =>
    server.post(`/api/process/${id}/token/${token.id}/action/${action}/execute`, variables);
  const actionOf = (token: Token, name: string) => token.nodeActions?.find((one) => one.name === name);

  /** As FlowX connectors do: all headers copied, and nothing else known. */
  async function answer(id: string, value: unknown): Promise<void> {
    const request = await until('the connector to be asked', () =>
      requests.find(({ headers }) => String(headers['processInstanceUuid']) === id),
    );
    const { headers } = request;
    await producer.send({
      topic: 'millrace.engine.receive.scoring.v1',
      messages: [{ key: id, value: JSON.stringify(value), headers }],
    });
  }

  /** An instance at its review. */
  async function reviewed(customer: string): Promise<string> {
    const id = await server.startInstance('review', { customer });
    expect(await act(id, tokenAt(await status(id), 'Ask'), 'complete', { amount: 700 })).toMatchObject({ status: 200 });
    return id;
  }

  it('run a process from its start to its end', async () => {
    const id = await server.startInstance('review', { customer: 'Ada' });
    const asking = await status(id);
    expect(asking).toMatchObject({ stage: 'Intake', milestones: [] });
    expect((await act(id, tokenAt(asking, 'Ask'), 'complete', { amount: 700 })).status).toBe(200);
    const begun = await status(id);
    expect(begun).toMatchObject({ stage: 'Review', milestones: [{ name: 'Asked' }] });
    const review = tokenAt(begun, 'Review');
    expect(review.actions).toEqual(['note', 'approve']);
    expect(review.backTo).toEqual(['Ask']);
    expect(tokenAt(begun, 'Review:scored').status).toBe('WAITING_MESSAGE');

    // What cannot be done, and why.
    const refused = async (action: string) => (await act(id, review, action)).body;
    expect(await refused('nothing')).toMatchObject({ status: 404, code: 'ACTION_NOT_FOUND' });
    expect(await refused('score')).toMatchObject({ status: 409, code: 'ACTION_NOT_MANUAL' });
    expect(await refused('sign')).toMatchObject({ status: 409, code: 'ACTION_PARENT_NOT_EXECUTED' });
    expect(await refused('approve')).toMatchObject({ status: 409, code: 'NOT_ALLOWED' });
    expect(await refused('complete')).toMatchObject({ status: 409, code: 'INVALID_STATE' });
    expect((await act(id, { ...review, id: `${review.id}0` }, 'note')).body).toMatchObject({ code: 'TOKEN_NOT_FOUND' });

    // Optional, and as often as one likes.
    await act(id, review, 'note', { note: 'first' });
    await act(id, review, 'note', { note: 'second' });
    const noted = tokenAt(await status(id), 'Review');
    expect(noted.status).toBe('EXECUTED_PARTIAL');
    expect(actionOf(noted, 'note')).toMatchObject({ state: 'EXECUTED', executions: 2 });

    // The connector's reply is the callback; a plugin and a timer do the rest.
    await answer(id, { points: 640 });
    const ready = await untilSo(id, 'all automatic actions', (seen) =>
      ['scored', 'register', 'settle'].every((name) => actionOf(tokenAt(seen, 'Review'), name)?.state === 'EXECUTED'),
    );
    expect(ready.variables).toMatchObject({
      isGood: true,
      settled: true,
      number: 'no. 1 of Ada',
      notes: ['first', 'second'],
    });

    expect((await act(id, review, 'approve', { by: 'Grace' })).status).toBe(200);
    expect((await act(id, review, 'approve')).body).toMatchObject({ status: 409, code: 'ACTION_EXECUTED' });
    expect(tokenAt(await status(id), 'Review').actions).toEqual(['note', 'sign']);
    expect((await act(id, review, 'sign')).body).toMatchObject({ state: 'FINISHED', tokens: [] });
    expect(await status(id)).toMatchObject({ state: 'FINISHED', stage: 'Done', variables: { by: 'Grace' } });
    expect((await act(id, review, 'note')).body).toMatchObject({ status: 409, code: 'INSTANCE_NOT_RUNNING' });

    const { body } = await server.get(`/api/process/${id}/events?limit=200`);
    const types = (body['items'] as { type: string }[]).map(({ type }) => type);
    expect(types).toEqual(
      expect.arrayContaining(['actions.opened', 'action.executed', 'stage.entered', 'milestone.reached']),
    );
  });

  it('let a token go back to a step, which then is done again', async () => {
    const id = await reviewed('Bob');
    const review = tokenAt(await status(id), 'Review');
    const back = (body: object) => server.post(`/api/process/${id}/token/${review.id}/back`, body);
    expect((await back({ node: 'Done' })).body).toMatchObject({ status: 409, code: 'NOT_ALLOWED' });
    expect((await back({ nod: 'Ask' })).body).toMatchObject({ status: 400, code: 'INVALID_REQUEST' });
    expect((await back({ variables: { why: 'a typo' } })).body).toMatchObject({ tokens: [{ node: 'Ask' }] });
    expect((await back({})).body).toMatchObject({ status: 404, code: 'TOKEN_NOT_FOUND' });
    const seen = await status(id);
    expect(seen).toMatchObject({ stage: 'Intake', variables: { customer: 'Bob', why: 'a typo' } });
    expect(seen.variables).not.toHaveProperty('amount');
    expect((await server.get('/api/process?stage=Intake')).body['items']).toMatchObject([{ processInstanceUuid: id }]);
    expect((await server.get('/api/process?stage=Review')).body['items']).toEqual([]);
    await server.post(`/api/process/${id}/cancel`);
  });

  it('leave a reply that nobody waits for any more to the dead letters', async () => {
    const id = await reviewed('Cem');
    await server.post(`/api/process/${id}/cancel`);
    await answer(id, { points: 1 });
    const letter = await until('the dead letter', () =>
      // The plugin's answer comes too late as well.
      letters.find(({ headers }) => String(headers['processInstanceUuid']) === id && 'callbacksForAction' in headers),
    );
    expect(letter.value).toEqual({ points: 1 });
    expect(String(letter.headers['mr-dead-reason'])).toBe('NOT_FOUND');
  });
});
