import { join } from 'node:path';

import type { Disk, Random } from '@millrace/std';

import { LogDirectoryError } from './errors.ts';
import { readSealed, replaceSealed } from './sealed-file.ts';
import type { TopicConfigs } from './topic-config.ts';

/** A topic as it is stored. */
export interface StoredTopic {
  readonly name: string;
  /** A UUID: a topic that is deleted and made again under its name is another one. */
  readonly id: string;
  readonly partitions: number;
  /** What its creator set; the rest has defaults. */
  readonly configs: TopicConfigs;
  /** By partition, the nodes that a broker says hold it. Means nothing here, where there is one copy. */
  readonly replicas?: readonly (readonly number[])[];
}

const FORMAT = 'millrace-log';
const VERSION = 1;

/**
 * The identity of the data directory, made on first use. Another version is refused rather than guessed at.
 *
 * @returns the cluster id
 */
export function openFormat(disk: Disk, directory: string, random: Random): string {
  const path = join(directory, 'format');
  const sealed = readSealed(disk, path);
  if (sealed === 'damaged') throw new LogDirectoryError('METADATA_DAMAGED', `expected ${path} to be whole`);
  if (sealed === undefined) {
    if (disk.exists(join(directory, 'topics'))) {
      throw new LogDirectoryError('METADATA_DAMAGED', `expected ${path} beside the topics in ${directory}`);
    }
    const id = Buffer.from(random.bytes(16)).toString('base64url');
    replaceSealed(disk, path, { format: FORMAT, version: VERSION, id });
    return id;
  }
  const { format, version, id } = sealed.content as { format: string; version: number; id: string };
  if (format === FORMAT && version === VERSION) return id;
  const expected = `expected a data directory of format ${FORMAT} ${VERSION}`;
  throw new LogDirectoryError('FORMAT_UNSUPPORTED', `${expected}, found ${format} ${version} in ${directory}`);
}

export function readTopics(disk: Disk, directory: string): StoredTopic[] {
  const path = join(directory, 'topics');
  const sealed = readSealed(disk, path);
  // Without this file nobody knows which partitions are wanted; going on would delete them all.
  if (sealed === 'damaged') throw new LogDirectoryError('METADATA_DAMAGED', `expected ${path} to be whole`);
  return sealed === undefined ? [] : (sealed.content as { topics: StoredTopic[] }).topics;
}

export function writeTopics(disk: Disk, directory: string, topics: readonly StoredTopic[]): void {
  replaceSealed(disk, join(directory, 'topics'), { topics });
}

export function newTopicId(random: Random): string {
  const bytes = Buffer.from(random.bytes(16));
  // A random UUID: version 4, variant 1.
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
