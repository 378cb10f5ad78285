import { apis, encodeRequest } from '@millrace/wire';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { handlers } from '../../src/api/index.ts';
import { startBroker } from '../running-broker.ts';
import { authenticate } from '../sasl.ts';
import { messageArbitrary } from '../schema-arbitrary.ts';
import { WireConnection } from '../wire-connection.ts';

const mechanisms = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const;

function frameOf(api: (typeof handlers)[number]['api'], version: number, body: unknown): Buffer {
  return Buffer.concat(encodeRequest({ api, version, correlationId: 1, clientId: 'hostile' }, body as never));
}

/** A handshake, and what somebody may think of as a token. */
const tokens = fc
  .record({
    mechanism: fc.constantFrom(...mechanisms, 'OAUTHBEARER', '', 'x'.repeat(300)),
    version: fc.constantFrom(0, 1),
    tokens: fc.array(
      fc.oneof(
        fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
        fc
          .constantFrom('n,,n=alice,r=abc', 'n,,n=,r=', '\0alice\0guess', 'c=biws,r=abc,p=AAAA', 'n,a=b,n=a,r=c')
          .map((text) => Buffer.from(text)),
      ),
      { maxLength: 3 },
    ),
  })
  .map(({ mechanism, version, tokens }) =>
    Buffer.concat([
      frameOf(apis.saslHandshake, version, { mechanism }),
      ...tokens.map((authBytes) => frameOf(apis.saslAuthenticate, 2, { authBytes })),
    ]),
  );

const requests = fc.oneof(
  ...handlers.map(({ api }) => messageArbitrary(api.request).map((body) => frameOf(api, api.versions[1], body))),
);

describe('somebody unknown', () => {
  it('costs itself its connection, whatever it says, and learns and changes nothing', async () => {
    const broker = await startBroker({
      listeners: [{ host: '127.0.0.1', port: 0, sasl: { mechanisms } }],
      authentication: { users: { alice: 'alice-secret' } },
      limits: { authenticationFailureDelayMs: 1 },
    });
    const alice = await broker.connect();
    await authenticate(alice, 'alice', 'alice-secret');
    const namesOf = async () =>
      (await alice.request(apis.metadata, 9, { topics: null })).topics.map(({ name }) => name);
    const before = await namesOf();
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(tokens, requests), { minLength: 1, maxLength: 5 }), async (sent) => {
        const hostile = await WireConnection.open(broker.port);
        hostile.socket.removeAllListeners('data');
        hostile.socket.resume();
        hostile.socket.end(Buffer.concat(sent));
        await hostile.closed;
        expect(await namesOf()).toEqual(before);
        expect(broker.failures).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});
