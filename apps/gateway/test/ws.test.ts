import { streamMessage, type StreamMessage } from '@millrace/contract';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Mill, reviewed } from './support/mill.ts';

/** A watcher by WebSocket: Node's own client. */
class Listening {
  readonly messages: StreamMessage[] = [];
  readonly socket: WebSocket;
  readonly #wakers = new Set<() => void>();
  isClosed = false;

  constructor(url: string) {
    this.socket = new WebSocket(url.replace('http:', 'ws:'));
    this.socket.addEventListener('message', ({ data }) => {
      this.messages.push(streamMessage.parse(JSON.parse(String(data))));
      for (const waker of this.#wakers) waker();
    });
    this.socket.addEventListener('close', () => {
      this.isClosed = true;
      for (const waker of this.#wakers) waker();
    });
  }

  get events(): Extract<StreamMessage, { kind: 'event' }>[] {
    return this.messages.filter((message) => message.kind === 'event');
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition() && !this.isClosed) {
      await new Promise<void>((resolve) => {
        const waker = (): void => {
          this.#wakers.delete(waker);
          resolve();
        };
        this.#wakers.add(waker);
      });
    }
  }
}

describe('WebSocket', () => {
  let mill: Mill;
  const open: Listening[] = [];
  beforeAll(async () => {
    mill = await Mill.start();
    await mill.deploy(reviewed('p'));
  });
  afterEach(() => {
    for (const one of open.splice(0)) one.socket.close();
  });
  afterAll(() => mill.end());
  const listen = (path: string): Listening => {
    const one = new Listening(mill.served.url + path);
    open.push(one);
    return one;
  };
  const has = (one: Listening, type: string): boolean => one.events.some(({ event }) => event.type === type);

  it('tells the history of an instance and goes on live', async () => {
    const id = await mill.startInstance('p');
    const one = listen(`/api/process/${id}/events/ws`);
    await one.until(() => has(one, 'task.created'));
    await mill.ask({ kind: 'cancelInstance', version: 1, instanceId: id });
    await one.until(() => has(one, 'instance.cancelled'));
    expect(one.events[0]?.event.type).toBe('instance.started');
  });

  it('resumes all events by the id in the query, behind a restart of the gateway', async () => {
    const first = listen('/api/events/ws?from=start&type=instance.started');
    const before = await mill.startInstance('p');
    await first.until(() => first.events.some(({ event }) => event.processInstanceUuid === before));
    const { id } = first.events.at(-1) ?? { id: '' };
    await mill.stopGateway();
    await first.until(() => first.isClosed);
    await mill.startGateway();
    const after = await mill.startInstance('p');
    const second = listen(`/api/events/ws?type=instance.started&lastEventId=${encodeURIComponent(id)}`);
    await second.until(() => second.events.length > 0);
    expect(second.events.map(({ event }) => event.processInstanceUuid)).toEqual([after]);
  });

  it('sends a reset for an id that has expired', async () => {
    const one = listen('/api/events/ws?lastEventId=1.2@another');
    await one.until(() => one.messages.length > 0);
    expect(one.messages[0]).toMatchObject({ kind: 'reset', reset: { reason: 'NOT_A_POSITION' } });
  });

  it('refuses to open for an unknown instance', async () => {
    const one = listen('/api/process/0000aaaa-bbbb-8ccc-8ddd-0123456789ab/events/ws');
    await one.until(() => false);
    expect(one.messages).toEqual([]);
    expect(one.isClosed).toBe(true);
  });
});
