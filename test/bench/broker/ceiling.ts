/**
 * What this machine can do with one event loop on the serving side: take frames from TCP, check them by CRC32C, write them
 * with pwrite(2), to as many files as there are partitions, answer each with a few bytes; with `--fsync always`, after an
 * fdatasync(2) that the frames which came meanwhile share. No protocol, no offsets, no state. With `--writes joined` it
 * writes as the broker does, what came in one turn of the event loop by one pwritev(2): the best that is known. Run as a
 * process of its own.
 */
import { fdatasync, ftruncateSync, mkdtempSync, openSync, rmSync, writeSync, writevSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { FrameSplitter } from '@millrace/wire';
import { crc32c } from '@node-rs/crc32';

const FRAME_BYTES_MAX = 64 * 1024 * 1024;

const { values } = parseArgs({
  options: {
    fsync: { type: 'string', default: 'never' },
    files: { type: 'string', default: '1' },
    writes: { type: 'string', default: 'each' },
  },
});
const isSynced = values.fsync === 'always';
const isJoined = values.writes === 'joined';

interface File {
  readonly descriptor: number;
  size: number;
  unwritten: Buffer[];
  isDirty: boolean;
}

interface Answer {
  readonly socket: Socket;
  frames: number;
}

const directory = mkdtempSync(join(tmpdir(), 'millrace-ceiling-'));
const files = Array.from({ length: Number(values.files) }, (_, index): File => {
  return { descriptor: openSync(join(directory, `log-${index}`), 'w'), size: 0, unwritten: [], isDirty: false };
});
let frameCount = 0;

const server = createServer((socket) => {
  const splitter = new FrameSplitter(FRAME_BYTES_MAX);
  socket.setNoDelay(true);
  socket.on('error', () => {});
  // A measurement is a connection, and leaves nothing for the device to write while the next one runs.
  socket.on('close', () => {
    for (const file of files) {
      ftruncateSync(file.descriptor, 0);
      file.size = 0;
    }
  });
  socket.on('data', (chunk: Buffer) => {
    const frames = splitter.push(chunk);
    for (const frame of frames) {
      crc32c(frame);
      write(files[frameCount++ % files.length] as File, frame);
    }
    if (frames.length > 0) answerLater(socket, frames.length);
  });
});

/** What waits for the end of the turn, then for the device. */
let unwritten: Answer[] = [];
let unsynced: Answer[] = [];
let isSyncing = false;

function answerLater(socket: Socket, frames: number): void {
  const last = unwritten.at(-1);
  if (last?.socket === socket) last.frames += frames;
  else if (unwritten.push({ socket, frames }) === 1) setImmediate(endTurn);
}

function write(file: File, frame: Buffer): void {
  file.isDirty = true;
  if (isJoined) file.unwritten.push(frame);
  else file.size += writeSync(file.descriptor, frame, 0, frame.length, file.size);
}

function endTurn(): void {
  for (const file of files) {
    if (file.unwritten.length === 0) continue;
    file.size += writevSync(file.descriptor, file.unwritten, file.size);
    file.unwritten = [];
  }
  const written = unwritten;
  unwritten = [];
  if (!isSynced) return answer(written);
  unsynced.push(...written);
  if (!isSyncing) sync();
}

function sync(): void {
  isSyncing = true;
  const covered = unsynced;
  unsynced = [];
  const dirty = files.filter(({ isDirty }) => isDirty);
  let open = dirty.length;
  // A sync that ended meanwhile began after their last write: it has covered them.
  if (open === 0) endSync(covered);
  for (const file of dirty) {
    file.isDirty = false;
    fdatasync(file.descriptor, () => {
      if (--open === 0) endSync(covered);
    });
  }
}

function endSync(covered: readonly Answer[]): void {
  isSyncing = false;
  if (unsynced.length > 0) sync();
  answer(covered);
}

function answer(answers: readonly Answer[]): void {
  for (const { socket, frames } of answers) socket.write(ANSWER.subarray(0, frames * ANSWER_BYTES));
}

const ANSWER_BYTES = 8;
/** Length 4 and a correlation id, as many as one turn can ask for. */
const ANSWER = Buffer.concat(Array.from({ length: 64 * 1024 }, () => Buffer.from([0, 0, 0, 4, 0, 0, 0, 0])));

server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  console.log(JSON.stringify({ port: typeof address === 'object' ? address?.port : 0 }));
});

process.on('SIGTERM', () => {
  rmSync(directory, { recursive: true, force: true });
  process.exit(0);
});
