import { apis } from '@millrace/wire';
import { describe, expect, it } from 'vitest';
import { nameOf, useWire } from './wire.ts';

const wire = useWire();

const CORRELATION_ID = 7;
const CORRELATION_ID_BYTES = 4;

/** A request of a version that will come one day, with a body that we cannot know. */
function futureRequest(apiKey: number): Buffer {
  // Key, version 127, correlation id, client id "a", no tagged fields; then "b" and "c" as compact strings.
  const frame = Buffer.from('0000007f00000007000161000262026300', 'hex');
  frame.writeInt16BE(apiKey, 0);
  const length = Buffer.alloc(4);
  length.writeInt32BE(frame.length);
  return Buffer.concat([length, frame]);
}

describe('versions', () => {
  it('of ApiVersions that nobody knows yet are answered in its first form, with the range that is served', async () => {
    const connection = await wire().another();
    const answer = connection.frame(CORRELATION_ID);
    connection.socket.write(futureRequest(apis.apiVersions.key));
    expect(nameOf((await answer).readInt16BE(CORRELATION_ID_BYTES))).toBe('UNSUPPORTED_VERSION');
    connection.close();
  });

  it('of another API that nobody knows yet close the connection', async () => {
    const connection = await wire().another();
    connection.socket.write(futureRequest(apis.metadata.key));
    await connection.closed;
  });

  it('are served by the ranges that ApiVersions tells', async () => {
    const { apiKeys } = await wire().ask(apis.apiVersions, 3, { clientSoftwareName: 'a', clientSoftwareVersion: '1' });
    const ranges = new Map(apiKeys.map(({ apiKey, minVersion, maxVersion }) => [apiKey, [minVersion, maxVersion]]));
    for (const { key } of [apis.produce, apis.fetch, apis.metadata, apis.joinGroup, apis.endTxn]) {
      const [min = -1, max = -1] = ranges.get(key) ?? [];
      expect(min).toBeGreaterThanOrEqual(0);
      expect(max).toBeGreaterThanOrEqual(min);
    }
  });
});
