import { Kafka, logLevel } from 'kafkajs';
import { expect, it } from 'vitest';
import { Sender } from '../src/sender.ts';
import { BusFixture, topics } from './bus-fixture.ts';

it('sends each of many records that follow one another, however soon after the last was acknowledged', async () => {
  const bus = await BusFixture.start();
  const sender = new Sender(bus.kafka, { info: () => undefined, warn: () => undefined, error: () => undefined });
  try {
    // Each is sent a different number of turns after the acknowledgement of the one before.
    for (let turns = 0; turns < 12; turns += 1) {
      await sender.send({ topic: topics.reply, key: 'k', value: String(turns), headers: {} });
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
    }
    const replies = await bus.repliesUpTo(12);
    expect(replies.map(({ value }) => value)).toEqual([...Array(12).keys()]);
  } finally {
    await sender.close(10_000);
    await bus.stop();
  }
});

it('R3: gives up at its close what it can not send, and whatever is sent behind it', async () => {
  const bus = await BusFixture.start();
  const kafka = new Kafka({ brokers: [...bus.brokers], logLevel: logLevel.NOTHING });
  await bus.stop();
  const sender = new Sender(kafka, { info: () => undefined, warn: () => undefined, error: () => undefined });
  const outgoing = { topic: topics.reply, key: 'k', value: '1', headers: {} };
  const refused = expect(Promise.all([sender.send(outgoing), sender.send(outgoing)])).rejects.toThrow('stopped');
  await sender.close(0);
  await refused;
  await expect(sender.send(outgoing)).rejects.toThrow('stopped');
});
