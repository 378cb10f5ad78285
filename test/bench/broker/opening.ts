/**
 * How long a broker takes to be ready with a log of some size, after a clean stop and after a kill: from the start of the
 * process to the line that says so. The log is written by a process of its own (opening-writer.ts), which then closes the
 * directory or dies.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { startServed } from '../served-process.ts';
import type { Row } from '../table.ts';
import { brokerMain, portOfLogLine } from './processes.ts';

const writerMain = fileURLToPath(new URL('opening-writer.ts', import.meta.url));

const marks = { clean: { ms: 500, name: 'a clean stop' }, killed: { ms: 3_000, name: 'a kill' } } as const;

export async function benchOpening(gigabytes: number): Promise<Row[]> {
  const nothing = await ready(mkdtempSync(join(tmpdir(), 'millrace-bench-')));
  const rows: Row[] = [
    { what: 'ready with an empty directory', value: `${nothing.toFixed(0)} ms`, against: 'what the others build on' },
  ];
  for (const partitions of [10, 1_000]) {
    for (const end of ['clean', 'killed'] as const) {
      const { ms, name } = marks[end];
      const measured = await opening(gigabytes, partitions, end);
      const what = `ready with ${gigabytes} GB in ${partitions} partitions, after ${name}`;
      rows.push({ what, value: `${measured.toFixed(0)} ms`, against: `mark: at most ${ms} ms` });
    }
  }
  return rows;
}

async function opening(gigabytes: number, partitions: number, end: keyof typeof marks): Promise<number> {
  const data = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  try {
    const args = [writerMain, data, String(gigabytes * 2 ** 30), String(partitions), end];
    const writer = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
    const [code, signal] = (await once(writer, 'exit')) as [number | null, string | null];
    const isAsTold = end === 'clean' ? code === 0 : signal === 'SIGKILL';
    if (!isAsTold) throw new Error(`expected the writer to end by ${end}, found ${code ?? signal}`);
    return await ready(data);
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}

/** The ms until a broker with this directory is ready, which is then removed. */
async function ready(data: string): Promise<number> {
  const began = performance.now();
  const broker = await startServed([brokerMain, '--kafka', '127.0.0.1:0', '--data', data], portOfLogLine);
  const ms = performance.now() - began;
  await broker.stop();
  rmSync(data, { recursive: true, force: true });
  return ms;
}
