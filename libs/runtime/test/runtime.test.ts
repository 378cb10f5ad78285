import { headerText, headers } from '@millrace/bus';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { House, until, topics } from './support/house.ts';
import { oneTask } from './support/models.ts';

describe('a runtime', () => {
  let house: House;
  beforeEach(async () => {
    house = await House.start();
  });
  afterEach(() => house.end());

  it('runs an instance from its command to its end, with a plugin in between', async () => {
    await house.deploy(oneTask('p', 'work'));
    const jobs = house.follow(topics.job('work'));
    const id = await house.startInstance('p', { amount: 10 });
    await until(() => jobs.length === 1);
    const [job] = jobs;
    expect(headerText(job!, headers.instanceUuid)).toBe(id);
    expect(JSON.parse(String(job!.value))).toEqual({ amount: 10 });
    await house.reply(job!, { done: true });
    const completed = await house.event('instance.completed', id);
    expect(completed.processId).toBe('p');
  });
});
