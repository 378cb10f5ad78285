import * as fs from 'node:fs';
import type { Disk, DiskFile } from './disk.ts';

/** Linux takes at most 1,024 buffers per writev(2). */
const IOV_MAX = 1024;

export const systemDisk: Disk = {
  open(path, options) {
    const access = options?.readOnly === true ? fs.constants.O_RDONLY : fs.constants.O_RDWR;
    const flags = access | (options?.create === true ? fs.constants.O_CREAT : 0);
    return new SystemFile(path, fs.openSync(path, flags, options?.isPrivate === true ? 0o600 : 0o644));
  },
  readFile: (path) => fs.readFileSync(path),
  exists: (path) => fs.existsSync(path),
  sizeOf: (path) => fs.statSync(path, { throwIfNoEntry: false })?.size,
  list: (directory) => fs.readdirSync(directory).sort(),
  makeDirectory: (path) => void fs.mkdirSync(path, { recursive: true }),
  rename: (from, to) => fs.renameSync(from, to),
  remove: (path) => fs.rmSync(path, { recursive: true, force: true }),
  syncDirectory(path) {
    const descriptor = fs.openSync(path, 'r');
    try {
      fs.fsyncSync(descriptor);
    } finally {
      fs.closeSync(descriptor);
    }
  },
  syncDirectoryAsync,
};

async function syncDirectoryAsync(path: string): Promise<void> {
  const directory = await fs.promises.open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

class SystemFile implements DiskFile {
  readonly path: string;
  readonly #descriptor: number;

  constructor(path: string, descriptor: number) {
    this.path = path;
    this.#descriptor = descriptor;
  }

  size(): number {
    return fs.fstatSync(this.#descriptor).size;
  }

  read(target: Uint8Array, position: number): number {
    let done = 0;
    while (done < target.byteLength) {
      const count = fs.readSync(this.#descriptor, target, done, target.byteLength - done, position + done);
      if (count === 0) break;
      done += count;
    }
    return done;
  }

  write(source: Uint8Array, position: number): void {
    let done = 0;
    while (done < source.byteLength) {
      done += fs.writeSync(this.#descriptor, source, done, source.byteLength - done, position + done);
    }
  }

  writeAll(sources: readonly Uint8Array[], position: number): void {
    let at = position;
    for (let first = 0; first < sources.length; first += IOV_MAX) {
      const slice = sources.slice(first, first + IOV_MAX);
      const length = slice.reduce((sum, source) => sum + source.byteLength, 0);
      const written = fs.writevSync(this.#descriptor, slice, at);
      // A short writev is legal (a signal, a nearly full disk); what is missing is then written piece by piece.
      if (written < length) this.#writeRest(slice, written, at);
      at += length;
    }
  }

  truncate(length: number): void {
    fs.ftruncateSync(this.#descriptor, length);
  }

  datasync(): Promise<void> {
    return new Promise((resolve, reject) => {
      fs.fdatasync(this.#descriptor, (error) => (error === null ? resolve() : reject(error)));
    });
  }

  datasyncNow(): void {
    fs.fdatasyncSync(this.#descriptor);
  }

  close(): void {
    fs.closeSync(this.#descriptor);
  }

  #writeRest(sources: readonly Uint8Array[], written: number, position: number): void {
    let passed = 0;
    for (const source of sources) {
      const skip = Math.min(Math.max(written - passed, 0), source.byteLength);
      if (skip < source.byteLength) this.write(source.subarray(skip), position + passed + skip);
      passed += source.byteLength;
    }
  }
}
