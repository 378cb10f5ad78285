import { createRequire } from 'node:module';
import type * as Snappy from 'snappy';
import { DecodeError } from './wire-error.ts';

/**
 * Snappy as Kafka's clients write it: one raw block (librdkafka, Go), or blocks in the frames of xerial's library (Java,
 * kafkajs): a magic, two versions, and then blocks, each behind its length as int32. Java and all others read both.
 */
const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const XERIAL_HEADER_BYTES = 16;
/** What xerial's writer takes into one block. */
const XERIAL_BLOCK_BYTES = 32 * 1024;

/** How much there is to unpack, by what the blocks say of themselves. Nothing is unpacked for it. */
export function snappyUnpackedBytes(packed: Buffer): number {
  return blocksOf(packed).reduce((sum, block) => sum + blockBytes(block), 0);
}

export function unpackSnappy(packed: Buffer): Buffer {
  const unpacked = blocksOf(packed).map((block) => native().uncompressSync(block) as Buffer);
  return unpacked.length === 1 ? (unpacked[0] as Buffer) : Buffer.concat(unpacked);
}

export function packSnappy(bytes: Buffer): Buffer {
  const header = Buffer.alloc(XERIAL_HEADER_BYTES);
  XERIAL_MAGIC.copy(header);
  header.writeInt32BE(1, 8); // The version, and the oldest that can read it.
  header.writeInt32BE(1, 12);
  const parts: Buffer[] = [header];
  for (let at = 0; at < bytes.length; at += XERIAL_BLOCK_BYTES) {
    const block = native().compressSync(bytes.subarray(at, at + XERIAL_BLOCK_BYTES));
    const length = Buffer.alloc(4);
    length.writeInt32BE(block.length);
    parts.push(length, block);
  }
  return Buffer.concat(parts);
}

function blocksOf(packed: Buffer): Buffer[] {
  const isFramed = packed.length >= XERIAL_HEADER_BYTES && packed.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC);
  if (!isFramed) return [packed];
  const blocks: Buffer[] = [];
  for (let at = XERIAL_HEADER_BYTES; at < packed.length; ) {
    const length = at + 4 > packed.length ? -1 : packed.readInt32BE(at);
    if (length <= 0 || length > packed.length - at - 4) {
      throw new DecodeError(`expected a snappy block of ${length} bytes, found ${packed.length - at} left`, 'records');
    }
    blocks.push(packed.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return blocks;
}

/** A raw block begins with its unpacked length, as an unsigned varint of 32 bits. */
function blockBytes(block: Buffer): number {
  let length = 0;
  for (let index = 0; index < 5 && index < block.length; index++) {
    const byte = block[index] as number;
    length += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return length;
  }
  throw new DecodeError('expected the length of a snappy block', 'records');
}

const require = createRequire(import.meta.url);
let loaded: typeof Snappy | undefined;

/** Loaded by the first batch that needs it: a broker whose clients do not use snappy starts without it. */
function native(): typeof Snappy {
  loaded ??= require('snappy') as typeof Snappy;
  return loaded;
}
