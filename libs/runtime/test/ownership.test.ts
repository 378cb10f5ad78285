import { join } from 'node:path';
import { headerText, headers } from '@millrace/bus';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bootId } from '../src/boot-id.ts';
import { Store } from '../src/store.ts';
import { House, PARTITIONS, topics, until } from './support/house.ts';
import { bpmn, oneTask, serviceTask, timerCatch, waitsForMessage } from './support/models.ts';

describe('an owner', () => {
  let house: House;
  beforeEach(async () => {
    house = await House.start({ limits: { checkpointEvents: 20 } });
  });
  afterEach(() => house.end());

  const count = (kind: string): number => house.events.filter(({ event }) => event.kind === kind).length;

  it('that is replaced is fenced, says so, and writes nothing more', async () => {
    await house.deploy(oneTask('p', 'work'));
    const jobs = house.follow(topics.job('work'));
    const old = house.runtime;
    await house.replaceRuntime({ store: 'other' });
    // Both read the same commands; only one of them can commit what it decides.
    const ids = await Promise.all(
      Array.from({ length: 12 }, (_, index) => house.startInstance('p', {}, index % PARTITIONS)),
    );
    await until(() => jobs.length === ids.length);
    await until(() => old.health().partitions.every(({ phase }) => phase === 'fenced'));
    expect(old.health()).toMatchObject({ isReady: false, isBroken: true });
    expect(house.runtime.health()).toMatchObject({ isReady: true, isBroken: false });
    await Promise.all(jobs.map((job) => house.reply(job, {})));
    for (const id of ids) await house.event('instance.completed', id);
    expect(count('instance.started')).toBe(ids.length);
    expect(jobs).toHaveLength(ids.length);
    await old.stop();
  });

  it('starts an instance right behind the deployment that it needs, whichever partition it lands on', async () => {
    for (let round = 0; round < 5; round++) {
      await house.deploy(oneTask(`p${round}`, 'work'));
      const ids = await Promise.all([0, 1, 2].map((partition) => house.startInstance(`p${round}`, {}, partition)));
      for (const id of ids) await house.event('job.created', id);
    }
    expect(count('command.rejected')).toBe(0);
  });

  it('fires a timer after a restart, once', async () => {
    await house.deploy(bpmn('p', timerCatch('wait', 'PT0.4S'), ['start -> wait', 'wait -> end']));
    const id = await house.startInstance('p');
    await until(() => count('timer.scheduled') === 1);
    await house.runtime.stop();
    await house.replaceRuntime({ store: 'store' });
    await house.event('instance.completed', id);
    expect(count('timer.fired')).toBe(1);
  });

  it('correlates messages between partitions, before and behind the instance that waits', async () => {
    await house.deploy(waitsForMessage('p', 'paid'));
    const orders = Array.from({ length: 8 }, (_, index) => `order-${index}`);
    const ids = new Map<string, string>();
    const publish = (order: string): Promise<unknown> =>
      house.produce(
        topics.messageEvent,
        JSON.stringify({ messageName: 'paid', correlationKey: order, data: { order } }),
        {},
        order,
      );
    for (const order of orders.slice(0, 4)) await publish(order);
    for (const [index, order] of orders.entries())
      ids.set(order, await house.startInstance('p', { order }, index % PARTITIONS));
    await until(() => count('subscription.opened') >= 4);
    for (const order of orders.slice(4)) await publish(order);
    for (const id of ids.values()) await house.event('instance.completed', id);
    expect(count('wait.correlated')).toBe(orders.length);
    // The keys do not all live where their instances do.
    const elsewhere = house.events.filter(
      ({ partition, event }) =>
        event.kind === 'subscription.opened' && Number.parseInt(event.instanceId.slice(0, 4), 16) !== partition,
    );
    expect(elsewhere.length).toBeGreaterThan(0);
  });

  it('restores from checkpoint and events what it had in a store that is gone', async () => {
    await house.deploy(
      bpmn('p', serviceTask('first', 'work') + serviceTask('second', 'work'), [
        'start -> first',
        'first -> second',
        'second -> end',
      ]),
    );
    const jobs = house.follow(topics.job('work'));
    const ids: string[] = [];
    for (let index = 0; index < 30; index++) ids.push(await house.startInstance('p', { index }, index % PARTITIONS));
    await until(() => jobs.length === 30);
    // Some go, some stay, some half way: rows of every age.
    await Promise.all(jobs.slice(0, 20).map((job) => house.reply(job, {})));
    await until(() => jobs.length === 50);
    await Promise.all(jobs.slice(30, 40).map((job) => house.reply(job, {})));
    await until(() => count('instance.completed') === 10);
    expect(house.runtime.stats().partitions.every(({ checkpoints }) => checkpoints > 0)).toBe(true);
    await house.runtime.stop();

    await house.replaceRuntime({ store: 'nothing-there' });
    await house.runtime.stop();
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const restored = await rowsIn(house.storeDirectory('nothing-there'), partition);
      expect(restored.length).toBeGreaterThan(10);
      expect(restored).toEqual(await rowsIn(house.storeDirectory(), partition));
    }

    await house.replaceRuntime({ store: 'nothing-there' });
    await Promise.all([...jobs.slice(20, 30), ...jobs.slice(40, 50)].map((job) => house.reply(job, {})));
    await until(() => jobs.length === 60);
    await Promise.all(jobs.slice(50).map((job) => house.reply(job, {})));
    for (const id of ids) await house.event('instance.completed', id);
    expect(new Set(jobs.map((job) => headerText(job, headers.job))).size).toBe(60);
    expect(count('command.rejected')).toBe(0);
  });

  it("makes a store again that is older than another owner's checkpoint: what came and went meanwhile does not come back", async () => {
    await house.deploy(oneTask('p', 'work'));
    const jobs = house.follow(topics.job('work'));
    await house.runtime.stop();

    await house.replaceRuntime({ store: 'other' });
    const start = async (): Promise<string> => {
      const id = await house.startInstance('p', {}, 1);
      await house.event('job.created', id);
      return id;
    };
    const ids: string[] = [];
    const checkpoints = (): number => house.runtime.stats().partitions[1]?.checkpoints ?? 0;
    while (checkpoints() === 0) ids.push(await start());
    await house.runtime.stop();

    await house.replaceRuntime({ store: 'store' });
    await until(() => jobs.length === ids.length);
    await Promise.all(jobs.map((job) => house.reply(job, {})));
    for (const id of ids) await house.event('instance.completed', id);
    await house.runtime.stop();

    await house.replaceRuntime({ store: 'nothing-there' });
    await house.runtime.stop();
    const restored = await rowsIn(house.storeDirectory('nothing-there'), 1);
    expect(restored).toEqual(await rowsIn(house.storeDirectory(), 1));
    expect(restored.filter(([key]) => key.startsWith('instance/'))).toEqual([]);
  });
});

async function rowsIn(directory: string, partition: number): Promise<(readonly [string, unknown])[]> {
  const store = Store.open({ directory: join(directory, `partition-${partition}`), bytesMax: 2 ** 30, boot: bootId() });
  const rows = [...store.all()].map(([key, json]) => [key, JSON.parse(json) as unknown] as const);
  await store.close();
  return rows;
}
