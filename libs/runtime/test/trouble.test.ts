import { headers } from '@millrace/bus';
import { encodeCommand, instanceId } from '@millrace/records';
import { AssertionError, systemRandom } from '@millrace/std';
import { afterEach, describe, expect, it } from 'vitest';
import { House, topics, until } from './support/house.ts';
import { oneTask } from './support/models.ts';

describe('trouble', () => {
  let house: House;
  afterEach(() => house.end());

  it('of the broker is waited out: when it is back, everything goes on', async () => {
    house = await House.start();
    await house.deploy(oneTask('p', 'work'));
    const jobs = house.follow(topics.job('work'));
    const before = await house.startInstance('p');
    await until(() => jobs.length === 1);
    await house.broker.close();
    await house.startBroker();
    const after = await house.startInstance('p');
    await until(() => jobs.length === 2);
    await Promise.all(jobs.map((job) => house.reply(job, {})));
    await house.event('instance.completed', before);
    await house.event('instance.completed', after);
    await until(() => house.runtime.health().isReady);
    expect(jobs).toHaveLength(2);
  });

  it('with an invariant stops its partition visibly, and no other', async () => {
    let isBroken = false;
    house = await House.start({
      faults: {
        beforeCommit(records) {
          if (isBroken && records.some(({ topic, partition }) => topic === topics.events && partition === 1)) {
            throw new AssertionError('expected two and two to be four');
          }
        },
      },
    });
    await house.deploy(oneTask('p', 'work'));
    isBroken = true;
    await house.startInstance('p', {}, 1);
    await until(() => house.runtime.health().isBroken);
    expect(house.runtime.health()).toMatchObject({
      isReady: false,
      partitions: [
        { partition: 0, phase: 'running' },
        { partition: 1, phase: 'failed', problem: 'expected two and two to be four' },
        { partition: 2, phase: 'running' },
      ],
    });
    await house.event('job.created', await house.startInstance('p', {}, 2));
  });

  it('with a core topic that is configured otherwise is told at start', async () => {
    const start = House.start({
      prepare: async (prepared) => {
        house = prepared;
        await house.client.admin.createTopics([
          { name: topics.events, partitions: 3, configs: { 'cleanup.policy': 'compact' } },
        ]);
      },
    });
    await expect(start).rejects.toMatchObject({
      code: 'TOPIC_MISCONFIGURED',
      message: `expected topic ${topics.events} to have cleanup.policy=delete, found compact`,
    });
  });

  it('with a store of another log is none: the store is made again', async () => {
    house = await House.start();
    await house.deploy(oneTask('old', 'work'));
    for (let index = 0; index < 3; index++)
      await house.event('job.created', await house.startInstance('old', {}, index));
    await house.runtime.stop();
    house.stopReading();
    await house.broker.close();

    await house.startBroker('other-log');
    await house.replaceRuntime({ store: 'store' });
    expect(house.runtime.stats().partitions.map(({ nextEventOffset }) => nextEventOffset)).toEqual([0, 0, 0]);
    expect(house.runtime.definitions.latest('old')).toBeUndefined();
  });

  it('with more commands than the queue holds only slows their reader', async () => {
    house = await House.start({ limits: { queueBytesMax: 2_000, batchBytesMax: 4_000 } });
    await house.deploy(oneTask('p', 'work'));
    const ids = await Promise.all(
      Array.from({ length: 150 }, () => house.startInstance('p', { text: 'x'.repeat(300) })),
    );
    for (const id of ids) await house.event('job.created', id);
  });

  it('with the shape of an older model is none: it is read again from its XML', async () => {
    house = await House.start();
    await house.runtime.stop();
    const producer = house.client.producer();
    const old = {
      processId: 'p',
      version: 1,
      resourceName: 'p.bpmn',
      deployedAt: 0,
      xml: oneTask('p', 'work'),
      modelVersion: 0,
      model: {},
    };
    await producer.send({ topic: topics.definitions, partition: 0, key: 'p:1', value: JSON.stringify(old) });
    await producer.close();
    await house.replaceRuntime({ store: 'store' });
    expect(Object.keys(house.runtime.definitions.get('p:1')?.model.elements ?? {})).toEqual(['start', 'work', 'end']);
    await house.event('job.created', await house.startInstance('p'));
  });

  it('with a definition of megabytes is none', async () => {
    house = await House.start();
    const xml = oneTask('p', 'work').replace('<bpmn:startEvent', `<!-- ${'long '.repeat(400_000)} --><bpmn:startEvent`);
    await house.deploy(xml);
    await house.event('job.created', await house.startInstance('p'));
  });

  it('with a command ahead of the definition it needs makes it wait, visibly, and then go on', async () => {
    house = await House.start({ limits: { definitionsWaitMs: 20 } });
    await house.deploy(oneTask('p', 'work'));
    const producer = house.client.producer();
    const id = instanceId(1, systemRandom.bytes(16));
    const seen = house.runtime.definitions.seen;
    await producer.send({
      topic: topics.commands,
      partition: 1,
      value: encodeCommand({ kind: 'startInstance', version: 1, instanceId: id, processId: 'q', variables: {} }),
      headers: [{ key: headers.definitionsSeen, value: String(seen + 2) }],
    });
    await until(() => house.runtime.health().partitions[1]?.problem !== undefined);
    expect(house.runtime.health().partitions[1]?.problem).toContain('waits for definition record');
    await house.deploy(oneTask('q', 'work'));
    await house.event('job.created', id);
    expect(house.runtime.health().partitions[1]).toEqual({ partition: 1, phase: 'running' });
    await producer.close();
  });
});
