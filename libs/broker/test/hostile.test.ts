import { apis, encodeRequest, type RequestInput } from '@millrace/wire';
import { VirtualClock } from '@millrace/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { handlers } from '../src/api/index.ts';
import { mutations } from './mutations.ts';
import { type RunningBroker, startBroker } from './running-broker.ts';
import { messageArbitrary } from './schema-arbitrary.ts';
import { waitFor } from './wait-for.ts';
import { WireConnection } from './wire-connection.ts';

const everyVersion = handlers.flatMap(({ api }) => {
  const [min, max] = api.versions;
  return Array.from({ length: max - min + 1 }, (_, index) => ({ api, version: min + index }));
});

type Versioned = (typeof everyVersion)[number];

function frameOf({ api, version }: Versioned, body: unknown): Buffer {
  const envelope = { api, version, correlationId: 1, clientId: 'hostile' };
  return Buffer.concat(encodeRequest(envelope, body as RequestInput<typeof api>));
}

/** A frame of any API, sound by its schema, and perhaps damaged after that. */
const anyFrame = fc.oneof(
  ...everyVersion.map((one) =>
    fc
      .record({ body: messageArbitrary(one.api.request), mutate: fc.option(mutations, { freq: 3 }) })
      .map(({ body, mutate }) => (mutate === null ? frameOf(one, body) : mutate(frameOf(one, body)))),
  ),
);

function startForHostility(): Promise<RunningBroker> {
  // Time stands still: whatever long poll or session is asked for waits until its connection is gone.
  return startBroker({
    autoCreateTopics: false,
    fsync: 'never',
    clock: new VirtualClock(),
    limits: { partitionsMax: 32 },
  });
}

/** Sends bytes on a connection of their own, and waits until the broker has closed it or begun to work on a request. */
async function attack({ broker, port }: RunningBroker, bytes: Buffer): Promise<'closed' | 'served'> {
  const before = broker.stats().requests;
  const connection = await WireConnection.open(port);
  let isClosed = false;
  void connection.closed.then(() => (isClosed = true));
  connection.socket.write(bytes);
  await waitFor(() => isClosed || broker.stats().requests > before);
  connection.close();
  return isClosed ? 'closed' : 'served';
}

async function expectToServe(broker: RunningBroker): Promise<void> {
  const neighbour = await broker.connect();
  const { topics } = await neighbour.request(apis.metadata, 9, { topics: null });
  expect(topics.map(({ name }) => name)).toEqual(expect.arrayContaining(['__consumer_offsets', '__transaction_state']));
  neighbour.close();
  expect(broker.failures).toEqual([]);
}

describe('a hostile client', () => {
  it('is closed for a request of any API and version that is cut at any byte', async () => {
    const broker = await startForHostility();
    const small = { textMax: 4, arrayMax: 1, bytesMax: 4 };
    for (const one of everyVersion) {
      await fc.assert(
        fc.asyncProperty(messageArbitrary(one.api.request, small), async (body) => {
          const frame = frameOf(one, body);
          for (let end = 4; end < frame.length; end++) {
            const cut = Buffer.from(frame.subarray(0, end));
            cut.writeInt32BE(end - 4);
            expect(await attack(broker, cut), `${one.api.name} ${one.version} cut at ${end}`).toBe('closed');
          }
        }),
        { numRuns: 1 },
      );
    }
    await expectToServe(broker);
  });

  it('costs itself at most its connection, whatever is wrong with a request of any API and version', async () => {
    const broker = await startForHostility();
    for (const one of everyVersion) {
      await fc.assert(
        fc.asyncProperty(messageArbitrary(one.api.request), mutations, async (body, mutate) => {
          await attack(broker, mutate(frameOf(one, body)));
          expect(broker.failures, `${one.api.name} ${one.version}`).toEqual([]);
        }),
        { numRuns: 25 },
      );
    }
    await expectToServe(broker);
  });

  it('costs itself at most its connection, whatever it asks in a row', async () => {
    const broker = await startForHostility();
    const neighbour = await broker.connect();
    const topic = { name: 'orders', numPartitions: 2, replicationFactor: 1 };
    await fc.assert(
      fc.asyncProperty(fc.array(anyFrame, { minLength: 1, maxLength: 8 }), async (sent) => {
        // Again and again, since deleting it is among what may be asked.
        await neighbour.request(apis.createTopics, 7, { topics: [topic], timeoutMs: 0 });
        await attack(broker, Buffer.concat(sent));
        await neighbour.request(apis.apiVersions, 3, {});
        expect(broker.failures).toEqual([]);
      }),
      { numRuns: 200 },
    );
    await expectToServe(broker);
  });
});
