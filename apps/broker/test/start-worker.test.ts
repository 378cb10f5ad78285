import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkSettings } from '@millrace/config';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { brokerSettings, startBrokerWorker } from '../src/index.ts';

let data: string;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'millrace-broker-worker-'));
});
afterEach(() => rmSync(data, { recursive: true, force: true }));

const settings = (port = 0) => checkSettings(brokerSettings, { data, kafka: `127.0.0.1:${port}`, logLevel: 'silent' });

describe('the broker in a worker thread', () => {
  it('listens when it is ready, closes when it is told to, and can be started again on its data', async () => {
    for (let round = 0; round < 2; round++) {
      const worker = await startBrokerWorker(settings());
      const socket = connect(worker.port, worker.host);
      // ApiVersions 0: once it is answered the connection is known to be accepted.
      socket.write(Buffer.from('0000000c001200000000000100026162', 'hex'));
      await once(socket, 'data');
      const gone = once(socket, 'close');
      await worker.close();
      await worker.ended;
      await gone;
    }
  });

  it('rejects with the code of what keeps it from starting', async () => {
    const worker = await startBrokerWorker(settings());
    await expect(startBrokerWorker(settings())).rejects.toMatchObject({ code: 'DIRECTORY_LOCKED' });
    await worker.close();
  });
});
