/**
 * What this machine can do at best with one event loop on the serving side: take frames from TCP, check them by CRC32C, write
 * them with pwrite(2), answer each with a few bytes; with `--fsync always`, after an fdatasync(2) that the frames which came
 * meanwhile share. No protocol, no offsets, no state. Run as a process of its own.
 */
import { fdatasync, ftruncateSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { crc32c } from '@node-rs/crc32';

const directory = mkdtempSync(join(tmpdir(), 'millrace-ceiling-'));
const file = openSync(join(directory, 'log'), 'w');
let position = 0;

const server = createServer((socket) => {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  socket.setNoDelay(true);
  socket.on('error', () => {});
  // A measurement is a connection, and leaves nothing for the device to write while the next one runs.
  socket.on('close', () => {
    ftruncateSync(file, 0);
    position = 0;
  });
  socket.on('data', (chunk: Buffer) => {
    pending.push(chunk);
    pendingBytes += chunk.length;
    if (pendingBytes < 4) return;
    const bytes = pending.length === 1 ? chunk : Buffer.concat(pending);
    let at = 0;
    let answers = 0;
    while (at + 4 <= bytes.length && at + 4 + bytes.readInt32BE(at) <= bytes.length) {
      const end = at + 4 + bytes.readInt32BE(at);
      const frame = bytes.subarray(at + 4, end);
      crc32c(frame);
      writeSync(file, frame, 0, frame.length, position);
      position += frame.length;
      answers++;
      at = end;
    }
    pending = at === bytes.length ? [] : [bytes.subarray(at)];
    pendingBytes = bytes.length - at;
    if (answers > 0) whenDone(() => socket.write(ANSWER.subarray(0, answers * ANSWER_BYTES)));
  });
});

const isSynced = process.argv[2] === '--fsync' && process.argv[3] === 'always';
let waiting: (() => void)[] = [];
let isSyncing = false;

function whenDone(answer: () => void): void {
  if (!isSynced) return answer();
  waiting.push(answer);
  if (!isSyncing) sync();
}

function sync(): void {
  isSyncing = true;
  const covered = waiting;
  waiting = [];
  fdatasync(file, () => {
    isSyncing = false;
    if (waiting.length > 0) sync();
    for (const answer of covered) answer();
  });
}

const ANSWER_BYTES = 8;
/** Length 4 and a correlation id, as many as one chunk can ask for. */
const ANSWER = Buffer.concat(Array.from({ length: 64 * 1024 }, () => Buffer.from([0, 0, 0, 4, 0, 0, 0, 0])));

server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  console.log(JSON.stringify({ port: typeof address === 'object' ? address?.port : 0 }));
});

process.on('SIGTERM', () => {
  rmSync(directory, { recursive: true, force: true });
  process.exit(0);
});
