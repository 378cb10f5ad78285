import type { Socket } from 'node:net';
import { apis, encodeBatch } from '@millrace/wire';
import { describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { AttackedBroker, requestFrame } from './attacked-broker.ts';

const MB = 1024 * 1024;

async function createTopic(broker: AttackedBroker, name: string): Promise<void> {
  const topic = {
    name,
    numPartitions: 1,
    replicationFactor: 1,
    configs: [{ name: 'max.message.bytes', value: '2000000' }],
  };
  const { topics } = await broker.request(apis.createTopics, 7, { topics: [topic], timeoutMs: 1_000 });
  expect(topics[0]?.errorCode).toBe(0);
}

function produceRequest(topic: string, batch: Buffer) {
  return { acks: 1, timeoutMs: 0, topics: [{ name: topic, partitions: [{ partition: 0, records: batch }] }] };
}

function fetchFrame(topic: string, fetchOffset: number, maxWaitMs: number): Buffer {
  return requestFrame(apis.fetch, 12, {
    maxWaitMs,
    minBytes: 1,
    maxBytes: 50 * MB,
    isolationLevel: 0,
    topics: [{ name: topic, partitions: [{ partition: 0, fetchOffset, partitionMaxBytes: 50 * MB }] }],
  });
}

async function expectToServe(broker: AttackedBroker): Promise<void> {
  await createTopic(broker, `going-on-${process.hrtime.bigint()}`);
}

/** Writes as fast as the other side takes it, until it closes. */
function flood(socket: Socket, frame: Buffer): void {
  const write = (): void => {
    while (!socket.destroyed && socket.write(frame));
  };
  socket.on('drain', write);
  write();
}

describe('a client', () => {
  it('that never reads its answers holds the bound of responses, and then goes', async () => {
    const totalBytesMax = 128 * MB;
    const broker = await AttackedBroker.start({ totalBytesMax, unsentTimeoutMs: 4_000 });
    await createTopic(broker, 'large');
    const batch = encodeBatch([{ timestamp: 0, value: Buffer.alloc(1_000_000) }]);
    for (let count = 0; count < 100; count++) await broker.request(apis.produce, 9, produceRequest('large', batch));
    const deaf = await Promise.all(Array.from({ length: 40 }, () => broker.connect()));
    for (const socket of deaf) {
      // A socket that nobody listens to is not read.
      for (let count = 0; count < 200; count++) socket.write(fetchFrame('large', count % 50, 0));
    }
    await expectToServe(broker);
    const { topics } = await broker.request(apis.fetch, 12, {
      maxWaitMs: 0,
      minBytes: 1,
      maxBytes: 1_000,
      isolationLevel: 0,
      topics: [{ name: 'large', partitions: [{ partition: 0, fetchOffset: 99, partitionMaxBytes: 1_000 }] }],
    });
    expect(topics[0]?.partitions[0]?.records?.length).toBeGreaterThan(1_000_000);
    // Nothing is read of them, so that they do not hear of their end.
    const isTooSlow = ({ msg }: { readonly msg: string }): boolean => /responses to be read|room for others/.test(msg);
    await until('all that hold answers to be closed', () => broker.warnings().filter(isTooSlow).length >= 30, 60_000);
    // Half of the bound, and one batch above it for each connection that asks when it is reached.
    broker.expectGrownByAtMost(totalBytesMax / 2 + deaf.length * 1_100_000);
    for (const socket of deaf) socket.destroy();
  });

  it('that holds back its own requests behind a long poll is cut off when others need the room', async () => {
    const totalBytesMax = 64 * MB;
    const broker = await AttackedBroker.start({ totalBytesMax });
    await createTopic(broker, 'empty');
    await createTopic(broker, 'orders');
    const batch = encodeBatch([{ timestamp: 0, value: Buffer.alloc(100_000) }]);
    const frame = requestFrame(apis.produce, 9, produceRequest('orders', batch));
    const holding = await Promise.all(Array.from({ length: 50 }, () => broker.connect()));
    for (const socket of holding) {
      socket.write(fetchFrame('empty', 0, 2 ** 31 - 1));
      flood(socket, frame);
    }
    await until(
      'somebody to be cut off',
      () => broker.warnings().some(({ msg }) => msg.includes('expected room for others')),
      60_000,
    );
    await expectToServe(broker);
    broker.expectGrownByAtMost(totalBytesMax + holding.length * (64 * 1024 + frame.length));
    for (const socket of holding) socket.destroy();
  });

  it('that makes up producer ids costs their memory, up to the bound', async () => {
    const broker = await AttackedBroker.start({ producersMax: 20_000 });
    await createTopic(broker, 'orders');
    const socket = await broker.connect();
    socket.on('data', () => {});
    for (let producerId = 1; producerId <= 200_000; producerId++) {
      const batch = encodeBatch([{ timestamp: 0, value: 'x' }], { producerId, producerEpoch: 0, baseSequence: 0 });
      if (!socket.write(requestFrame(apis.produce, 9, produceRequest('orders', batch)))) {
        await new Promise<void>((resolve) => void socket.once('drain', resolve));
      }
    }
    await expectToServe(broker);
    // A producer with its batch, and the hot tail of the log.
    broker.expectGrownByAtMost(20_000 * 600 + 32 * MB);
    socket.destroy();
  });

  it('that joins groups with all it can say fills what groups may take, and no more', async () => {
    const broker = await AttackedBroker.start({ groupsBytesMax: 32 * MB });
    const sockets = await Promise.all(Array.from({ length: 100 }, () => broker.connect()));
    const frames = sockets.map((_, index) =>
      requestFrame(apis.joinGroup, 3, {
        groupId: `group-${index}`,
        sessionTimeoutMs: 60_000,
        rebalanceTimeoutMs: 60_000,
        memberId: '',
        protocolType: 'consumer',
        protocols: [{ name: 'range', metadata: Buffer.alloc(4 * MB) }],
      }),
    );
    const codes = await Promise.all(
      sockets.map((socket, index) => {
        const answer = new Promise<number>((resolve) =>
          socket.once('data', (chunk: Buffer) => resolve(chunk.readInt16BE(12))),
        );
        socket.write(frames[index] as Buffer);
        return answer;
      }),
    );
    expect(codes.filter((code) => code === 0).length).toBeLessThanOrEqual(8);
    expect(codes.filter((code) => code !== 0).length).toBeGreaterThanOrEqual(92);
    await expectToServe(broker);
    // The groups, and the requests that were on their way at once.
    broker.expectGrownByAtMost(32 * MB + 100 * 4 * MB);
    for (const socket of sockets) socket.destroy();
  });

  it('that sends the largest requests of the smallest elements is refused before they are decoded', async () => {
    const broker = await AttackedBroker.start();
    for (let count = 0; count < 20; count++) {
      const socket = await broker.connect();
      const topics = Array.from({ length: 1_000_000 }, () => ({ name: '' }));
      const closed = new Promise<void>((resolve) => void socket.once('close', () => resolve()));
      socket.write(requestFrame(apis.metadata, 4, { topics, allowAutoTopicCreation: false }));
      await closed;
    }
    await expectToServe(broker);
    broker.expectGrownByAtMost(20 * MB);
  });
});
