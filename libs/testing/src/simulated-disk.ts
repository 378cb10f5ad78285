import { posix as path } from 'node:path';

import type { Disk, DiskFile, OpenOptions } from '@millrace/std';

import { type Keep, SimulatedFile } from './simulated-file.ts';

/** What an injected fault sees of an operation. Reads and lookups are not counted: they change nothing. */
export interface DiskOperation {
  readonly kind: 'create' | 'write' | 'truncate' | 'sync' | 'rename' | 'remove' | 'makeDirectory' | 'syncDirectory';
  readonly path: string;
  /** Its number since the disk was made, from 1. */
  readonly number: number;
  readonly bytes: number;
}

/** What a crash keeps of changes that were not synced. */
export interface CrashOutcome {
  /** For the change `index` of `count` in a file. Default: nothing. */
  readonly keep?: (index: number, count: number, path: string) => Keep;
  /** How many of the name changes not synced survive, in order. Default: none. */
  readonly names?: (count: number) => number;
}

/** The process died in the middle of an operation. Whatever the code under test does about it, the disk takes nothing. */
export class SimulatedCrash extends Error {
  override readonly name = 'SimulatedCrash';
}

type Node = SimulatedFile | 'directory';
type NameChange = (names: Map<string, Node>) => void;

/** A file system in memory with the guarantees D1–D3 and no more; the README numbers what a crash does (S1–S4). */
export class SimulatedDisk implements Disk {
  #names = new Map<string, Node>([['/', 'directory']]);
  #durableNames = new Map<string, Node>([['/', 'directory']]);
  #pendingNames: { readonly directory: string; readonly change: NameChange }[] = [];
  #crashed = false;
  #operations = 0;
  #fault: (operation: DiskOperation) => Error | undefined = () => undefined;
  #readFault: (path: string) => Error | undefined = () => undefined;
  #crashAt = Number.POSITIVE_INFINITY;
  #freeBytes = Number.POSITIVE_INFINITY;
  /** While true, syncs resolve and do nothing, as a drive with a volatile cache. */
  liesAboutSync = false;

  get operations(): number {
    return this.#operations;
  }

  /** Whether the operation that `crashAfter` named has come. */
  get hasCrashed(): boolean {
    return this.#crashed;
  }

  /** The process dies in the given operation from now; of a write in it, any part may have been done. */
  crashAfter(operations: number): void {
    this.#crashAt = this.#operations + operations;
  }

  /** Operations for which `fault` returns an error throw it (a sync rejects), and are not done. */
  failOn(fault: (operation: DiskOperation) => Error | undefined): void {
    this.#fault = fault;
  }

  /** Reads of files for which `fault` returns an error throw it. */
  failReadsOn(fault: (path: string) => Error | undefined): void {
    this.#readFault = fault;
  }

  /** Writes that grow files by more than this in all write what fits, then fail with ENOSPC. */
  setFreeBytes(bytes: number): void {
    this.#freeBytes = bytes;
  }

  flipBit(at: string, byte: number, bit: number): void {
    this.#file(at).flipBit(byte, bit);
  }

  /** S4. The disk as the next process finds it. This one is dead from here on, crashed or not. */
  restart(outcome: CrashOutcome = {}): SimulatedDisk {
    this.#crashed = true;
    const kept = outcome.names?.(this.#pendingNames.length) ?? 0;
    for (const { change } of this.#pendingNames.slice(0, kept)) change(this.#durableNames);
    const next = new SimulatedDisk();
    const survivors = new Map<SimulatedFile, SimulatedFile>();
    for (const [name, node] of this.#durableNames) {
      if (node === 'directory') next.#names.set(name, node);
      else {
        const survivor =
          survivors.get(node) ?? node.afterCrash((index, count) => outcome.keep?.(index, count, name) ?? 'nothing');
        survivors.set(node, survivor);
        next.#names.set(name, survivor);
      }
    }
    next.#durableNames = new Map(next.#names);
    return next;
  }

  /** S5. The process is killed, and the machine goes on: what the page cache holds is still there, and still not durable. */
  kill(): SimulatedDisk {
    this.#crashed = true;
    const next = new SimulatedDisk();
    next.#names = this.#names;
    next.#durableNames = this.#durableNames;
    next.#pendingNames = this.#pendingNames;
    return next;
  }

  open(at: string, options?: OpenOptions): DiskFile {
    this.#alive();
    let node = this.#names.get(at);
    if (node === undefined) {
      if (options?.create !== true || !this.#names.has(path.dirname(at))) throw failure('ENOENT', 'open', at);
      this.#operate('create', at);
      const file = new SimulatedFile();
      node = file;
      this.#rename(at, (names) => void names.set(at, file));
    }
    if (node === 'directory') throw failure('EISDIR', 'open', at);
    return this.#handle(at, node, options?.readOnly === true);
  }

  readFile(at: string): Buffer {
    this.#alive();
    return this.#file(at).content();
  }

  exists(at: string): boolean {
    this.#alive();
    return this.#names.has(at);
  }

  sizeOf(at: string): number | undefined {
    this.#alive();
    return this.#names.has(at) ? this.#file(at).size : undefined;
  }

  list(directory: string): string[] {
    this.#alive();
    if (this.#names.get(directory) !== 'directory') throw failure('ENOENT', 'scandir', directory);
    return [...this.#names.keys()]
      .filter((name) => name !== '/' && path.dirname(name) === directory)
      .map((name) => path.basename(name))
      .sort();
  }

  makeDirectory(at: string): void {
    if (this.#names.has(at)) return;
    this.makeDirectory(path.dirname(at));
    this.#operate('makeDirectory', at);
    this.#rename(at, (names) => void names.set(at, 'directory'));
  }

  rename(from: string, to: string): void {
    this.#operate('rename', from);
    if (!this.#names.has(from)) throw failure('ENOENT', 'rename', from);
    this.#rename(to, (names) => {
      for (const [name, node] of Array.from(names)) {
        if (name !== from && !name.startsWith(`${from}/`)) continue;
        names.delete(name);
        names.set(to + name.slice(from.length), node);
      }
    });
  }

  remove(at: string): void {
    this.#operate('remove', at);
    this.#rename(at, (names) => {
      for (const name of Array.from(names.keys())) if (name === at || name.startsWith(`${at}/`)) names.delete(name);
    });
  }

  syncDirectory(at: string): void {
    this.#beginDirectorySync(at)();
  }

  async syncDirectoryAsync(at: string): Promise<void> {
    const finish = this.#beginDirectorySync(at);
    await new Promise<void>((resolve) => void setImmediate(resolve));
    this.#alive();
    finish();
  }

  #beginDirectorySync(at: string): () => void {
    this.#operate('syncDirectory', at);
    if (this.#names.get(at) !== 'directory') throw failure('ENOENT', 'open', at);
    // S3. The journal is ordered: what precedes a change of this directory reaches the device with it.
    const last = this.#pendingNames.findLast(({ directory }) => directory === at);
    return () => {
      const count = last === undefined ? 0 : this.#pendingNames.indexOf(last) + 1;
      if (this.liesAboutSync) return;
      for (const { change } of this.#pendingNames.splice(0, count)) change(this.#durableNames);
    };
  }

  #rename(at: string, change: NameChange): void {
    change(this.#names);
    this.#pendingNames.push({ directory: path.dirname(at), change });
  }

  #file(at: string): SimulatedFile {
    const node = this.#names.get(at);
    if (node === undefined || node === 'directory') throw failure('ENOENT', 'open', at);
    return node;
  }

  #alive(): void {
    if (this.#crashed) throw new SimulatedCrash('expected nobody to use a disk after its crash');
  }

  /** Counts an operation, and fails or crashes in it; a crash in a write is left to `#write`, which may tear it. */
  #operate(kind: DiskOperation['kind'], at: string, bytes = 0): void {
    this.#alive();
    this.#operations++;
    const error = this.#fault({ kind, path: at, number: this.#operations, bytes });
    if (error !== undefined) throw error;
    if (this.#operations < this.#crashAt) return;
    this.#crashed = true;
    if (kind !== 'write') throw new SimulatedCrash(`the process died in ${kind} of ${at}`);
  }

  #write(at: string, file: SimulatedFile, source: Uint8Array, position: number): void {
    this.#operate('write', at, source.byteLength);
    const growth = Math.max(position + source.byteLength - file.size, 0);
    const missing = Math.max(growth - this.#freeBytes, 0);
    this.#freeBytes -= growth - missing;
    file.write(source.subarray(0, source.byteLength - missing), position);
    if (this.#crashed) throw new SimulatedCrash(`the process died in write of ${at}`);
    if (missing > 0) throw failure('ENOSPC', 'write', at);
  }

  #handle(at: string, file: SimulatedFile, isReadOnly: boolean): DiskFile {
    let isOpen = true;
    const use = (): SimulatedFile => {
      this.#alive();
      if (!isOpen) throw failure('EBADF', 'use', at);
      return file;
    };
    const change = (): SimulatedFile => {
      if (isReadOnly) throw failure('EBADF', 'write', at);
      return use();
    };
    const beginSync = (): (() => void) => {
      use();
      this.#operate('sync', at);
      const mark = file.mark();
      return () => {
        if (!this.#crashed && !this.liesAboutSync) file.settle(mark);
      };
    };
    return {
      path: at,
      size: () => use().size,
      read: (target, position) => {
        const error = this.#readFault(at);
        if (error !== undefined) throw error;
        return use().read(target, position);
      },
      write: (source, position) => this.#write(at, change(), source, position),
      writeAll: (sources, position) => this.#write(at, change(), Buffer.concat(sources), position),
      truncate: (length) => {
        change();
        this.#operate('truncate', at);
        file.truncate(length);
      },
      datasync: async () => {
        const finish = beginSync();
        // The device takes its time: what is written meanwhile is not covered.
        await new Promise<void>((resolve) => void setImmediate(resolve));
        this.#alive();
        finish();
      },
      datasyncNow: () => beginSync()(),
      close: () => {
        isOpen = false;
      },
    };
  }
}

function failure(code: string, call: string, at: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${call} '${at}'`), { code, syscall: call, path: at });
}
