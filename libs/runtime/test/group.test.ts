import { headerText, headers } from '@millrace/bus';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Runtime } from '../src/index.ts';
import { House, PARTITIONS, topics, until } from './support/house.ts';
import { oneTask } from './support/models.ts';

describe('engines in a group', () => {
  let house: House;
  beforeEach(async () => {
    house = await House.start({ mode: 'group', limits: { sessionTimeoutMs: 1_000 } });
  });
  afterEach(() => house.end());

  const runningOn = (runtime: Runtime): number[] =>
    runtime.health().partitions.flatMap(({ partition, phase }) => (phase === 'running' ? [partition] : []));

  it('share the partitions, move them when one comes or dies, and do everything once', async () => {
    await house.deploy(oneTask('p', 'work'));
    const jobs = house.follow(topics.job('work'));
    const first = house.runtime;
    expect(runningOn(first)).toEqual([0, 1, 2]);
    const ids: string[] = [];
    const start = async (): Promise<void> => {
      for (let partition = 0; partition < PARTITIONS; partition++)
        ids.push(await house.startInstance('p', {}, partition));
    };

    await start();
    const mortal = house.connect('mortal');
    const second = await house.addRuntime(mortal, 'second');
    await until(() => runningOn(first).length > 0 && runningOn(second).length > 0);
    await until(() => runningOn(first).length + runningOn(second).length === PARTITIONS);
    expect([...runningOn(first), ...runningOn(second)].toSorted((a, b) => a - b)).toEqual([0, 1, 2]);
    await start();
    await until(() => jobs.length === 6);

    mortal.close();
    await start();
    await until(() => runningOn(first).length === PARTITIONS);
    await until(() => jobs.length === 9);
    await Promise.all(jobs.map((job) => house.reply(job, {})));
    for (const id of ids) await house.event('instance.completed', id);
    expect(new Set(jobs.map((job) => headerText(job, headers.job))).size).toBe(9);
    expect(house.events.filter(({ event }) => event.kind === 'instance.started')).toHaveLength(9);
  });
});
