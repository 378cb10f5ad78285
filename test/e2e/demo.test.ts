import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SseWatcher } from '../support/sse-watcher.ts';
import { until } from '../support/until.ts';
import { RunningServer } from './running-server.ts';

const customer = (id: string) => ({ customer: { id, name: 'Ada Lovelace', email: 'ada@example.com' } });

describe('the demo, as the README walks through it', () => {
  let server: RunningServer;
  let watcher: SseWatcher;
  const started: string[] = [];

  beforeAll(async () => {
    server = await RunningServer.start(['--demo', 'true', '--fsync', 'never']);
    // The demo is deployed through REST, as anybody would: shortly after the server is ready.
    await until('the demo to be deployed', async () => {
      const { status } = await server.get('/api/definitions/onboarding');
      return status === 200;
    });
    watcher = new SseWatcher(`${server.process.url}/api/events?from=start&definition=onboarding`);
  });
  afterAll(async () => {
    await watcher.stop();
    await server[Symbol.asyncDispose]();
  });

  const apply = async (customerId: string): Promise<string> => {
    const id = await server.startInstance('onboarding', customer(customerId));
    started.push(id);
    return id;
  };
  const sign = async (customerId: string, id: string): Promise<void> => {
    const message = { name: 'document-signed', correlationKey: customerId, variables: { documentId: 'd-1' } };
    expect(await server.post('/api/messages', message)).toMatchObject({
      status: 200,
      body: { outcome: 'CORRELATED', reached: [{ processInstanceUuid: id, node: 'AwaitSignedDocument' }] },
    });
  };

  it('welcomes a customer with a good score once the contract is signed', async () => {
    const id = await apply('c-100');
    await server.untilAt(id, 'AwaitSignedDocument');
    await sign('c-100', id);
    expect(await server.untilEnded(id)).toMatchObject({
      state: 'FINISHED',
      tokens: [],
      incidents: [],
      variables: {
        credit: { score: 780, bureau: 'north' },
        documentId: 'd-1',
        accountNumber: 'ACC-c-100',
        salesNotificationId: expect.any(String),
        lastNotificationId: expect.any(String),
      },
    });
    expect(await nodesCompleted(server, id)).toEqual(
      expect.arrayContaining(['CheckCredit', 'AwaitSignedDocument', 'TellSales', 'CustomerOnboarded']),
    );
  });

  it('lets a person decide about a score in between', async () => {
    const id = await apply('c-200');
    await server.untilAt(id, 'ReviewApplication');
    const { body } = await server.get(`/api/tasks?processInstanceUuid=${id}`);
    const [task, ...others] = body['items'] as { id: string }[];
    expect(task).toMatchObject({ candidateGroups: ['risk'] });
    expect(others).toEqual([]);

    const path = `/api/tasks/${task?.id}`;
    expect((await server.post(`${path}/claim`, { assignee: 'grace' })).body).toMatchObject({ assignee: 'grace' });
    expect(await server.post(`${path}/claim`, { assignee: 'alan' })).toMatchObject({
      status: 409,
      body: { code: 'TASK_CLAIMED' },
    });
    expect((await server.post(`${path}/complete`, { approved: true })).status).toBe(200);
    expect(await server.post(`${path}/complete`, { approved: false })).toMatchObject({
      status: 409,
      body: { code: 'TASK_NOT_OPEN' },
    });
    await server.untilAt(id, 'AwaitSignedDocument');
    await sign('c-200', id);
    expect(await server.untilEnded(id)).toMatchObject({ state: 'FINISHED', variables: { approved: true } });
    expect(await nodesCompleted(server, id)).toContain('CustomerOnboarded');
  });

  it('tells a customer with a bad score no', async () => {
    const id = await apply('c-300');
    expect(await server.untilEnded(id)).toMatchObject({ state: 'FINISHED', variables: { credit: { score: 320 } } });
    expect(await nodesCompleted(server, id)).toContain('ApplicationRejected');
  });

  it('takes the error path for a customer that the bureau does not know', async () => {
    const id = await apply('c-999');
    expect(await server.untilEnded(id)).toMatchObject({ state: 'FINISHED', incidents: [] });
    const nodes = await nodesCompleted(server, id);
    expect(nodes).toEqual(expect.arrayContaining(['UnknownCustomer', 'ApplicationRejected']));
    expect(nodes).not.toContain('CheckCredit');
  });

  // It has watched since before the first start, so it must have what the histories have, and nothing twice.
  it('shows a watcher every event of these instances once and in order', async () => {
    expect(started).toHaveLength(4);
    for (const id of started) {
      const history = await historyOf(server, id);
      const { partition, type } = history.at(-1) as HistoryItem;
      expect(type).toBe('instance.completed');
      // Other partitions tell of an instance too (that of a message's key has its subscription); the own one has its history.
      const watched = () =>
        watcher.events.filter((event) => event.processInstanceUuid === id && event.partition === partition);
      await until(`the watcher to see the end of ${id}`, () => watched().at(-1)?.type === type);
      expect(watched()).toEqual(history);
    }
    const positions = watcher.events.map(({ partition, offset }) => `${partition}/${offset}`);
    expect(new Set(positions).size).toBe(positions.length);
    expect(watcher.connections).toBe(1);
    expect(watcher.notices).toEqual([]);
  });

  it('shows a watcher of one instance its history, also when the watcher comes late', async () => {
    const id = started[0] ?? '';
    const late = new SseWatcher(`${server.process.url}/api/process/${id}/events`);
    try {
      await until('the late watcher to see the end', () => late.events.at(-1)?.type === 'instance.completed');
      expect(late.events).toEqual(await historyOf(server, id));
    } finally {
      await late.stop();
    }
  });
});

interface HistoryItem {
  readonly partition: number;
  readonly offset: number;
  readonly type: string;
  readonly data: { readonly elementId?: string };
}

async function historyOf(server: RunningServer, id: string): Promise<HistoryItem[]> {
  const { body } = await server.get(`/api/process/${id}/events`);
  return body['items'] as HistoryItem[];
}

async function nodesCompleted(server: RunningServer, id: string): Promise<(string | undefined)[]> {
  const items = await historyOf(server, id);
  return items.filter(({ type }) => type === 'element.completed').map(({ data }) => data.elementId);
}
