/**
 * The file system as the log sees it. Reads and writes are synchronous: they hit the page cache, and a thread-pool hop
 * costs more than they do. Only `datasync` waits for the device, so only it is asynchronous.
 *
 * D1. `write` returns after the operating system has every byte, or throws; a torn write is possible only in a crash.
 * D2. What `datasync` was called after is on the device when it resolves. A rejected sync says nothing about any of it.
 * D3. A created, renamed or removed name survives a power loss only after `syncDirectory` of its directory.
 */
export interface Disk {
  /** Opens for reading and writing; creates the file when `create` is set, otherwise fails with `ENOENT`. */
  open(path: string, options?: OpenOptions): DiskFile;
  readFile(path: string): Buffer;
  exists(path: string): boolean;
  /** Bytes of a file; undefined when it is not there. */
  sizeOf(path: string): number | undefined;
  /** Names (not paths) in a directory, sorted. */
  list(directory: string): string[];
  makeDirectory(path: string): void;
  /** Atomic on one file system; replaces an existing target. */
  rename(from: string, to: string): void;
  /** Removes a file, or a directory with all it holds; does nothing when it is not there. */
  remove(path: string): void;
  syncDirectory(path: string): void;
  /** The same, without waiting for the device in this thread. */
  syncDirectoryAsync(path: string): Promise<void>;
}

export interface OpenOptions {
  readonly create?: boolean;
  /** For those who only look, perhaps at files of somebody else: everything that changes the file then fails. */
  readonly readOnly?: boolean;
  /** What is created can be read by its owner alone. */
  readonly isPrivate?: boolean;
}

export interface DiskFile {
  readonly path: string;
  size(): number;
  /** Fills `target` from `position`; returns the bytes read, fewer only at the end of the file. */
  read(target: Uint8Array, position: number): number;
  write(source: Uint8Array, position: number): void;
  /** Writes the buffers one behind the other from `position`, in one system call where it can. */
  writeAll(sources: readonly Uint8Array[], position: number): void;
  truncate(length: number): void;
  /** Data and the metadata needed to read it back, as fdatasync(2). */
  datasync(): Promise<void>;
  datasyncNow(): void;
  close(): void;
}
