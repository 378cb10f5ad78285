import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';

import type { Disk, OpenOptions } from '@millrace/std';

import { TEMPORARY } from './file-names.ts';

type Privacy = Pick<OpenOptions, 'isPrivate'>;

/**
 * Small files that are replaced whole: JSON behind a line with its checksum, readable by people.
 *
 * F1. The new content is on the device before the name points to it, and the name is before `replace` returns: after a
 *     crash the file is the old or the new one, never a part of either.
 */
export function replaceSealed(disk: Disk, path: string, content: unknown, privacy: Privacy = {}): void {
  const temporary = writeTemporary(disk, path, content, privacy);
  try {
    temporary.datasyncNow();
  } finally {
    temporary.close();
  }
  disk.rename(path + TEMPORARY, path);
  disk.syncDirectory(dirname(path));
}

/**
 * As `replaceSealed`, without blocking on the device. What `isOutdated` says when the content is on the device, and only the name
 * is to be given: then the file that is there is left, as newer.
 */
export async function replaceSealedAsync(
  disk: Disk,
  path: string,
  content: unknown,
  isOutdated: () => boolean = () => false,
): Promise<void> {
  // A name of its own: `replaceSealed` may be called meanwhile.
  const next = `${path}.next`;
  const temporary = writeTemporary(disk, next, content);
  try {
    await temporary.datasync();
  } finally {
    temporary.close();
  }
  if (isOutdated()) return;
  disk.rename(next + TEMPORARY, path);
  await disk.syncDirectoryAsync(dirname(path));
}

/** The content; undefined when there is no such file, 'damaged' when its checksum says so. */
export function readSealed(disk: Disk, path: string): { readonly content: unknown } | 'damaged' | undefined {
  if (!disk.exists(path)) return undefined;
  const text = disk.readFile(path).toString('utf8');
  const split = text.indexOf('\n');
  const body = text.slice(split + 1);
  if (split < 0 || text.slice(0, split) !== checksumOf(body)) return 'damaged';
  return { content: JSON.parse(body) as unknown };
}

function writeTemporary(disk: Disk, path: string, content: unknown, privacy: Privacy = {}): ReturnType<Disk['open']> {
  const body = `${JSON.stringify(content)}\n`;
  const file = disk.open(path + TEMPORARY, { ...privacy, create: true });
  file.truncate(0);
  file.write(Buffer.from(`${checksumOf(body)}\n${body}`), 0);
  return file;
}

const checksumOf = (body: string): string => crc32(body).toString(16).padStart(8, '0');
