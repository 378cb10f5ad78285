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
    await sender.close();
    await bus.stop();
  }
});
