import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { apis } from '@millrace/wire';
import { describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { AttackedBroker, requestFrame } from './attacked-broker.ts';

const MB = 1024 * 1024;
const IDLE_CONNECTIONS = 10_000;
/** A socket of Node with its buffers, and what we keep of it. */
const CONNECTION_BYTES = 12 * 1024;

/** Node has raised its own soft limit to the hard one by now. */
function openFilesMax(): number {
  const [, soft] = /Max open files\s+(\d+)/.exec(readFileSync('/proc/self/limits', 'latin1')) ?? [];
  return Number(soft ?? 0);
}

async function open(broker: AttackedBroker, count: number): Promise<Socket[]> {
  const sockets: Socket[] = [];
  while (sockets.length < count) {
    const some = Math.min(200, count - sockets.length);
    sockets.push(...(await Promise.all(Array.from({ length: some }, () => broker.connect()))));
  }
  return sockets;
}

describe('connections', () => {
  it(`may be idle by the ${IDLE_CONNECTIONS}: little memory each, next to no work, and others are served`, async () => {
    const needed = IDLE_CONNECTIONS + 500;
    const found = openFilesMax();
    expect(found, `expected ${needed} open files to be allowed (ulimit -Hn), found ${found}`).toBeGreaterThanOrEqual(
      needed,
    );
    const broker = await AttackedBroker.start();
    const sockets = await open(broker, IDLE_CONNECTIONS);
    // Each has said hello, as clients do before they do nothing.
    const hello = requestFrame(apis.apiVersions, 3, { clientSoftwareName: 'idle', clientSoftwareVersion: '1' });
    await Promise.all(sockets.map((socket) => (socket.write(hello), once(socket, 'data'))));

    const [cpuBefore, timeBefore] = [broker.cpuSeconds(), performance.now()];
    await until('five seconds of nothing', () => performance.now() - timeBefore > 5_000);
    const share = (broker.cpuSeconds() - cpuBefore) / ((performance.now() - timeBefore) / 1_000);
    console.log(`  ${IDLE_CONNECTIONS} idle connections take ${(share * 100).toFixed(1)} % of a processor`);
    expect(share).toBeLessThan(0.1);
    expect((await broker.request(apis.metadata, 9, { topics: null })).topics.length).toBeGreaterThan(0);
    broker.expectGrownByAtMost(IDLE_CONNECTIONS * CONNECTION_BYTES);
    for (const socket of sockets) socket.destroy();
  });

  it('may come and go by the thousand without a trace', async () => {
    const broker = await AttackedBroker.start();
    for (let round = 0; round < 100; round++) {
      for (const socket of await open(broker, 200)) socket.resetAndDestroy();
    }
    expect((await broker.request(apis.metadata, 9, { topics: null })).topics.length).toBeGreaterThan(0);
    broker.expectGrownByAtMost(200 * CONNECTION_BYTES);
  });

  it('that never end their frames (slow-loris) are closed, and hold what the bound says until then', async () => {
    const totalBytesMax = 64 * MB;
    const broker = await AttackedBroker.start({ totalBytesMax, frameTimeoutMs: 3_000 });
    const sockets = await open(broker, 500);
    let closed = 0;
    for (const socket of sockets) socket.once('close', () => closed++);
    // A megabyte is announced, most of it comes at once, the rest byte by byte: 400 MB if all of it were taken in.
    const most = Buffer.alloc(800 * 1024);
    most.writeInt32BE(1_000_000);
    for (const socket of sockets) socket.write(most);
    const trickle = setInterval(() => {
      for (const socket of sockets) if (!socket.destroyed) socket.write(Buffer.of(0));
    }, 200);
    // A neighbour gets its turn between them.
    expect((await broker.request(apis.metadata, 9, { topics: null })).topics.length).toBeGreaterThan(0);
    await until('all of them to be closed', () => closed === sockets.length, 120_000);
    clearInterval(trickle);
    // One chunk and one frame above the bound, for each connection that was read at that moment.
    broker.expectGrownByAtMost(totalBytesMax + sockets.length * 64 * 1024);
    expect(broker.warnings().some(({ msg }) => msg.includes('expected the rest of a frame within 3000 ms'))).toBe(true);
  });
});
