import type { Admin, Client } from '@millrace/client';
import { systemClock } from '@millrace/std';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ExchangeTopics } from '../src/exchange-topics.ts';
import { Ingress } from '../src/ingress.ts';
import { defaultLimits, silentLogger } from '../src/options.ts';
import { House, PARTITIONS, topics, until } from './support/house.ts';

/** The real client, whose admin asks `before` in front of each call of the method. */
function withAdmin(client: Client, method: keyof Admin, before: () => Promise<void>): Client {
  const admin = new Proxy(client.admin, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      if (name !== method) return value.bind(target);
      return async (...args: unknown[]): Promise<unknown> => {
        await before();
        return value.apply(target, args);
      };
    },
  });
  return { ...client, admin };
}

describe('Ingress', () => {
  let house: House;
  beforeEach(async () => {
    house = await House.start();
    await house.runtime.stop();
  });
  afterEach(() => house.end());

  const ingressOf = (client: Client): Ingress =>
    new Ingress({
      client,
      topics,
      exchange: new ExchangeTopics(client.admin, PARTITIONS, 1),
      partitionCount: PARTITIONS,
      definitionsSeen: () => 0,
      clock: systemClock,
      limits: defaultLimits,
      logger: silentLogger,
    });

  it('stops also while it begins again after a failure', async () => {
    const opened: ReturnType<Client['consumer']>[] = [];
    const real = house.connect('ingress');
    const gate = Promise.withResolvers<void>();
    let opens = 0;
    const client = withAdmin(real, 'listTopics', async () => {
      opens += 1;
      if (opens > 1) await gate.promise;
    });
    const ingress = ingressOf({
      ...client,
      consumer(options) {
        const consumer = real.consumer(options);
        if (opened.length === 0) consumer.take = () => Promise.reject(new Error('the broker is gone'));
        opened.push(consumer);
        return consumer;
      },
    });
    await ingress.start();
    await until(() => opens === 2);
    const stopped = ingress.stop();
    gate.resolve();
    await stopped;
    expect(opened).toHaveLength(2);
    expect(await opened[1]?.take()).toBeUndefined();
  });

  it('lets nothing run on when it is stopped before it has started', async () => {
    const opened: ReturnType<Client['consumer']>[] = [];
    const real = house.connect('ingress');
    const gate = Promise.withResolvers<void>();
    const client = withAdmin(real, 'listTopics', () => gate.promise);
    const ingress = ingressOf({
      ...client,
      consumer(options) {
        const consumer = real.consumer(options);
        opened.push(consumer);
        return consumer;
      },
    });
    const started = ingress.start();
    await ingress.stop();
    gate.resolve();
    await started;
    expect(await opened[0]?.take()).toBeUndefined();
  });

  it('commits with the next round what it could not commit with the last', async () => {
    const real = house.connect('ingress');
    let commits = 0;
    const client = withAdmin(real, 'commitOffsets', async () => {
      commits += 1;
      if (commits === 1) throw new Error('the coordinator moved');
    });
    const ingress = ingressOf(client);
    await ingress.start();
    await house.produce(topics.startTrigger, '{}', { 'Fx-ProcessName': 'p' });
    await until(() => commits === 1);
    await house.produce(topics.messageEvent, '{}', {});
    await until(() => commits === 2);
    await ingress.stop();
    const group = `${topics.namespace}ingress`;
    const [committed] = await real.admin.committedOffsets(group, [{ topic: topics.startTrigger, partition: 0 }]);
    expect(committed?.offset).toBe(1);
  });
});
