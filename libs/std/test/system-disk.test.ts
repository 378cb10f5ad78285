import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { systemDisk } from '../src/index.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-disk-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

it('refuses to open what is not there, unless told to create it', () => {
  expect(() => systemDisk.open(join(directory, 'a'))).toThrow(expect.objectContaining({ code: 'ENOENT' }));
  systemDisk.open(join(directory, 'a'), { create: true }).close();
  expect(systemDisk.list(directory)).toEqual(['a']);
});

it('reads back what it wrote, and says how much there was', async () => {
  const file = systemDisk.open(join(directory, 'a'), { create: true });
  file.write(Buffer.from('hello'), 3);
  await file.datasync();
  const target = Buffer.alloc(10);
  expect(file.read(target, 3)).toBe(5);
  expect(target.subarray(0, 5).toString()).toBe('hello');
  expect(file.size()).toBe(8);
  file.truncate(4);
  expect(file.size()).toBe(4);
  expect(systemDisk.sizeOf(file.path)).toBe(4);
  expect(systemDisk.sizeOf(join(directory, 'b'))).toBeUndefined();
  file.close();
});

it('writes more buffers in one go than one system call takes', () => {
  const file = systemDisk.open(join(directory, 'a'), { create: true });
  const sources = Array.from({ length: 3_000 }, (_, index) => Buffer.from([index & 0xff]));
  file.writeAll(sources, 0);
  const target = Buffer.alloc(3_000);
  expect(file.read(target, 0)).toBe(3_000);
  expect(target.equals(Buffer.concat(sources))).toBe(true);
  file.close();
});

it('replaces the target of a rename, and removes what is not there without complaint', () => {
  for (const [name, text] of [
    ['a', 'new'],
    ['b', 'old'],
  ] as const) {
    const file = systemDisk.open(join(directory, name), { create: true });
    file.write(Buffer.from(text), 0);
    file.close();
  }
  systemDisk.rename(join(directory, 'a'), join(directory, 'b'));
  systemDisk.syncDirectory(directory);
  expect(systemDisk.readFile(join(directory, 'b')).toString()).toBe('new');
  expect(systemDisk.exists(join(directory, 'a'))).toBe(false);
  systemDisk.remove(join(directory, 'a'));
});

it('lets nobody change what was opened to be read', () => {
  const path = join(directory, 'a');
  systemDisk.open(path, { create: true }).close();
  const file = systemDisk.open(path, { readOnly: true });
  expect(() => file.write(Buffer.from('x'), 0)).toThrow(expect.objectContaining({ code: 'EBADF' }));
  expect(file.size()).toBe(0);
  file.close();
});

it('syncs a directory in the background, and says when there is none', async () => {
  await systemDisk.syncDirectoryAsync(directory);
  await expect(systemDisk.syncDirectoryAsync(join(directory, 'missing'))).rejects.toThrow('ENOENT');
});
