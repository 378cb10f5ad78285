import { once } from 'node:events';
import { type Socket, connect } from 'node:net';
import { randomBytes } from 'node:crypto';
import type { Kafka } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { BrokerProcess, type LogLine } from '../support/broker-process.ts';
import { Reader, createTopic, kafkaOf, withProducer } from '../support/kafkajs-client.ts';

let broker: BrokerProcess;
let kafka: Kafka;

beforeAll(async () => {
  broker = await BrokerProcess.start();
  kafka = kafkaOf(broker);
  await createTopic(kafka, 'going-on');
});

afterAll(() => broker.remove());

async function open(): Promise<Socket> {
  const socket = connect(broker.port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

const warnings = (): LogLine[] => broker.lines().filter(({ level }) => level >= 40);

/** Other clients notice nothing. */
async function expectItGoesOn(): Promise<void> {
  const value = randomBytes(4).toString('hex');
  await withProducer(kafka, (producer) => producer.send({ topic: 'going-on', messages: [{ value }] }));
  const reader = await Reader.of(kafka, 'going-on', value);
  await until('the record', () => reader.values().includes(value));
  await reader.stop();
}

function frame(body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length);
  return Buffer.concat([length, body]);
}

describe('bytes that are no request', () => {
  it.for([
    ['a frame that announces 2 GB', Buffer.from('7fffffff00120003', 'hex')],
    ['a frame of negative length', Buffer.from('ffffffff00120003', 'hex')],
    ['another protocol', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
    ['a frame of garbage', frame(Buffer.from('f00d'.repeat(50), 'hex'))],
    ['a known request with garbage in it', frame(Buffer.from('0001000c0000000100016100ff'.repeat(40), 'hex'))],
    ['a frame that ends within its header', frame(Buffer.from('0012', 'hex'))],
  ] as const)('close their connection with one line in the log: %s', async ([, bytes]) => {
    const before = warnings().length;
    const socket = await open();
    const { localPort } = socket;
    const closed = once(socket, 'close');
    socket.write(bytes);
    await closed;
    await until('the log line', () => warnings().length > before);
    const lines = warnings().slice(before);
    expect(lines).toHaveLength(1);
    // Who, and what was found.
    expect(JSON.stringify(lines[0])).toContain(`127.0.0.1:${localPort}`);
    await expectItGoesOn();
  });

  it('cost nobody else anything when they stop halfway', async () => {
    const sockets = await Promise.all(Array.from({ length: 20 }, open));
    // A Produce request that announces a megabyte and brings ten bytes.
    for (const socket of sockets) socket.write(Buffer.from('0010000000000009000000010001', 'hex'));
    await expectItGoesOn();
    for (const socket of sockets) socket.destroy();
    await expectItGoesOn();
  });

  it('hold up nothing when they come one by one', async () => {
    const socket = await open();
    const answer = once(socket, 'data') as Promise<[Buffer]>;
    // ApiVersions 0 with correlation id 7 and client id "a".
    for (const byte of frame(Buffer.from('0012000000000007000161', 'hex'))) {
      socket.write(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    const [bytes] = await answer;
    expect(bytes.readInt32BE(4)).toBe(7);
    expect(bytes.readInt16BE(8)).toBe(0);
    socket.destroy();
  });
});
