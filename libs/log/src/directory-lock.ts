import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { type Disk, messageOf } from '@millrace/std';

import { LogDirectoryError } from './errors.ts';

/** Takes a directory for this process, or throws; the returned function gives it back. */
export type DirectoryLock = (disk: Disk, directory: string) => () => void;

/**
 * A lock that the operating system holds: it goes when the process does, however that happens, and a process id that
 * is used again (in a container it is always 1) cannot be mistaken for its owner. Node has no call for it; SQLite, which
 * Node brings along, does, and its locks also keep two threads of one process apart. The file's content means nothing.
 */
export const systemDirectoryLock: DirectoryLock = (disk, directory) => {
  const owner = join(directory, 'lock.pid');
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(join(directory, 'lock'));
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    database?.close();
    const isHeld = (error as { errcode?: number }).errcode === SQLITE_BUSY;
    if (!isHeld) throw new LogDirectoryError('DIRECTORY_UNUSABLE', `cannot lock ${directory}: ${messageOf(error)}`);
    const pid = disk.exists(owner) ? disk.readFile(owner).toString().trim() : 'unknown';
    throw new LogDirectoryError('DIRECTORY_LOCKED', `expected ${directory} to be free, process ${pid} uses it`);
  }
  const file = disk.open(owner, { create: true });
  file.truncate(0);
  file.write(Buffer.from(`${process.pid}\n`), 0);
  file.close();
  return () => database.close();
};

/** For disks that no other process can see. */
export const noDirectoryLock: DirectoryLock = () => () => {};

const SQLITE_BUSY = 5;
