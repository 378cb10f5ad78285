import { headerText, headers } from '@millrace/bus';
import { ClientError, type TransactionalRecord } from '@millrace/client';
import { afterEach, describe, expect, it } from 'vitest';
import { type Faults, never } from './support/faulty-client.ts';
import { House, type SeenRecord, topics, until } from './support/house.ts';
import { oneTask } from './support/models.ts';

const jobTopic = topics.job('work');
const isOfJob = (records: readonly TransactionalRecord[]): boolean => records.some(({ topic }) => topic === jobTopic);
const jobsOnce = (jobs: readonly SeenRecord[]): string[] =>
  jobs.map((job) => `${headerText(job, headers.job)}/${headerText(job, headers.attempt)}`);

/** Calls `then` for the first commit that offers a job, and tells when that has happened. */
function atFirstJob(then: () => Promise<void> | void): { happened: Promise<void>; hook: Faults['beforeCommit'] } {
  const { promise, resolve } = Promise.withResolvers<void>();
  let isDone = false;
  const hook = (records: readonly TransactionalRecord[]): Promise<void> | void => {
    if (isDone || !isOfJob(records)) return;
    isDone = true;
    resolve();
    return then();
  };
  return { happened: promise, hook };
}

describe('a crash', () => {
  let house: House;
  afterEach(() => house.end());

  it.for([
    ['before the commit', 'beforeCommit', 'image'],
    ['before the commit, and the store is gone', 'beforeCommit', 'empty'],
    ['between the commit and the store', 'afterCommit', 'image'],
    ['between the commit and the store, and the store is gone', 'afterCommit', 'empty'],
  ] as const)('%s offers the job exactly once', async ([, point, store]) => {
    const { happened, hook } = atFirstJob(never);
    house = await House.start({ faults: { [point]: hook } });
    await house.deploy(oneTask('p', 'work'));
    const jobs = house.follow(jobTopic);
    const id = await house.startInstance('p');
    await happened;
    await house.replaceRuntime({ store: store === 'image' ? house.storeImage('image') : 'empty' });
    await until(() => jobs.length > 0);
    await house.reply(jobs[0]!, {});
    await house.event('instance.completed', id);
    expect(jobsOnce(jobs)).toEqual([expect.stringMatching(/\/1$/)]);
    expect(house.events.filter(({ event }) => event.kind === 'instance.started')).toHaveLength(1);
  });

  it.for([
    ['that has happened', 'afterCommit'],
    ['that has not', 'beforeCommit'],
  ] as const)(
    'of the connection leaves a commit unclear %s, and the partition is taken over again',
    async ([, point]) => {
      const { hook } = atFirstJob(() => {
        throw new ClientError('UNCLEAR', 'expected an answer');
      });
      house = await House.start({ faults: { [point]: hook } });
      await house.deploy(oneTask('p', 'work'));
      const jobs = house.follow(jobTopic);
      const id = await house.startInstance('p', {}, 1);
      await until(() => jobs.length > 0);
      await house.reply(jobs[0]!, {});
      await house.event('instance.completed', id);
      expect(jobsOnce(jobs)).toHaveLength(1);
      expect(house.runtime.stats().partitions.map(({ takeOvers }) => takeOvers)).toEqual([1, 2, 1]);
      expect(house.runtime.health()).toMatchObject({ isReady: true, isBroken: false });
    },
  );

  it('at any moment, again and again, with or without the store, loses nothing and does nothing twice', {
    timeout: 60_000,
  }, async () => {
    house = await House.start();
    await house.deploy(oneTask('p', 'work'));
    const jobs = house.follow(jobTopic);
    const instances: string[] = [];
    let answered = 0;
    const over = new AbortController();
    const plugin = (async () => {
      while (!over.signal.aborted) {
        await until(() => over.signal.aborted || answered < jobs.length);
        const batch = jobs.slice(answered);
        answered = jobs.length;
        await Promise.all(batch.map((job) => house.reply(job, { done: true })));
      }
    })();

    let client = house.connect('mortal');
    await house.runtime.stop();
    await house.replaceRuntime({ client, store: 'store' });
    const CRASHES = 12;
    for (let crash = 0; crash < CRASHES; crash++) {
      for (let count = 0; count < 20; count++) instances.push(await house.startInstance('p', { count }));
      // Somewhere in the work that this has caused; each round at another place of it.
      for (let turn = 0; turn < crash * 15; turn++) await new Promise((resolve) => void setImmediate(resolve));
      client.close();
      const store =
        crash % 3 === 2
          ? `empty-${crash}`
          : house.storeImage(`store-${crash}`, crash === 0 ? 'store' : lastStore(crash));
      client = house.connect('mortal');
      await house.replaceRuntime({ client, store });
    }
    for (const id of instances) await house.event('instance.completed', id);
    over.abort();
    await plugin;

    const completed = house.events.filter(({ event }) => event.kind === 'instance.completed');
    expect(completed).toHaveLength(instances.length);
    expect(new Set(jobsOnce(jobs)).size).toBe(jobs.length);
    expect(jobs).toHaveLength(instances.length);
    expect(new Set(house.events.map(({ id }) => id)).size).toBe(house.events.length);
    // R2. Behind the input position of an event nothing is decided again: it never goes back.
    for (const partition of [0, 1, 2]) {
      const inputs = house.events.filter((one) => one.partition === partition).map(({ input }) => input);
      expect(inputs).toEqual([...inputs].sort((a, b) => a - b));
    }
  });
});

function lastStore(crash: number): string {
  return (crash - 1) % 3 === 2 ? `empty-${crash - 1}` : `store-${crash - 1}`;
}
