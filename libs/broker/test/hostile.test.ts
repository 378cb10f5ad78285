import { apis, encodeRequest, type RequestInput } from '@millrace/wire';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { handlers } from '../src/api/index.ts';
import { startBroker } from './running-broker.ts';
import { messageArbitrary } from './schema-arbitrary.ts';
import { WireConnection } from './wire-connection.ts';

/** A frame of any API, sound by its schema, and perhaps damaged after that. */
const frames = fc.oneof(
  ...handlers.map(({ api }) =>
    fc
      .record({
        version: fc.integer({ min: api.versions[0], max: api.versions[1] }),
        body: messageArbitrary(api.request),
        damage: fc.option(fc.record({ at: fc.nat(), to: fc.nat(255), cut: fc.nat(20) }), { freq: 3 }),
      })
      .map(({ version, body, damage }) => {
        const envelope = { api, version, correlationId: 1, clientId: 'hostile' };
        const frame = Buffer.concat(encodeRequest(envelope, body as RequestInput<typeof api>));
        if (damage === null) return frame;
        // The length stays right, so that what is damaged is the request and not the framing.
        const end = Math.max(4, frame.length - damage.cut);
        if (end > 4) frame[4 + (damage.at % (end - 4))] = damage.to;
        frame.writeInt32BE(end - 4);
        return frame.subarray(0, end);
      }),
  ),
);

describe('a hostile client', () => {
  it('costs itself at most its connection, whatever it asks', async () => {
    const broker = await startBroker({ autoCreateTopics: false, limits: { partitionsMax: 32 } });
    const neighbour = await broker.connect();
    const topic = { name: 'orders', numPartitions: 2, replicationFactor: 1 };
    await fc.assert(
      fc.asyncProperty(fc.array(frames, { minLength: 1, maxLength: 8 }), async (sent) => {
        // Again and again, since deleting it is among what may be asked.
        await neighbour.request(apis.createTopics, 7, { topics: [topic], timeoutMs: 0 });
        const hostile = await WireConnection.open(broker.port);
        hostile.socket.write(Buffer.concat(sent));
        await new Promise<void>((resolve) => void hostile.socket.end(resolve));
        await neighbour.request(apis.apiVersions, 3, {});
        hostile.close();
        expect(broker.failures).toEqual([]);
      }),
      { numRuns: 300 },
    );
    const { topics } = await neighbour.request(apis.metadata, 9, { topics: null });
    expect(topics.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['__consumer_offsets', '__transaction_state']),
    );
  });
});
