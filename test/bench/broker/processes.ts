/** What is measured, each a process of its own: the broker, and the bare loops that it is compared to. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { type ServedProcess, startServed } from '../served-process.ts';

const ceilingMain = fileURLToPath(new URL('ceiling.ts', import.meta.url));
export const brokerMain = fileURLToPath(new URL('../../../apps/broker/bin/broker.js', import.meta.url));

/** What the broker gives its thread: without it V8 spends a third of the time on collecting what passed through. */
const CEILING_FLAGS = ['--initial-old-space-size=128'];

export type Fsync = 'always' | 'never';

export interface Ceiling {
  readonly fsync: Fsync;
  readonly files?: number;
  readonly writes?: 'each' | 'joined';
}

export async function withCeiling<T>(
  { fsync, files = 1, writes = 'each' }: Ceiling,
  use: (ceiling: ServedProcess) => Promise<T>,
): Promise<T> {
  const args = [...CEILING_FLAGS, ceilingMain, '--fsync', fsync, '--files', String(files), '--writes', writes];
  const ceiling = await startServed(args, (line) => (JSON.parse(line) as { port: number }).port);
  try {
    return await use(ceiling);
  } finally {
    await ceiling.stop();
  }
}

export async function withBroker<T>(fsync: Fsync, use: (broker: ServedProcess) => Promise<T>): Promise<T> {
  const data = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  const args = [brokerMain, '--kafka', '127.0.0.1:0', '--data', data, '--fsync', fsync];
  let broker: ServedProcess | undefined;
  try {
    broker = await startServed(args, portOfLogLine);
    return await use(broker);
  } finally {
    await broker?.stop();
    rmSync(data, { recursive: true, force: true });
  }
}

export function portOfLogLine(line: string): number | undefined {
  const { msg, addresses } = JSON.parse(line) as { msg: string; addresses?: { port: number }[] };
  return msg === 'broker is ready' ? addresses?.[0]?.port : undefined;
}
