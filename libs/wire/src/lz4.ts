import { createRequire } from 'node:module';
import type * as Lz4 from 'lz4-napi';
import { DecodeError } from './wire-error.ts';

/**
 * LZ4 in its frame format (lz4_Frame_format.md of the LZ4 project; KIP-57): magic, flags, block size, then blocks behind
 * their lengths, an empty one last.
 */
const MAGIC = 0x184d2204;
const FLAG = { dictionary: 0x01, contentChecksum: 0x04, contentSize: 0x08, blockChecksum: 0x10 } as const;
const VERSION_MASK = 0xc0;
const VERSION = 0x40;
/** Of a length: the block holds bytes as they are. */
const STORED = 0x8000_0000;
/** No block of n bytes unpacks to more than this much of it. */
const EXPANSION_MAX = 255;

/** An upper bound of what unpacks, from the lengths of the blocks. Nothing is unpacked for it. */
export function lz4UnpackedBytesMax(packed: Buffer): number {
  if (packed.length < 7 || packed.readUInt32LE(0) !== MAGIC) throw flaw('expected an lz4 frame');
  const flags = packed.readUInt8(4);
  if ((flags & VERSION_MASK) !== VERSION || (flags & FLAG.dictionary) !== 0) {
    throw flaw('expected an lz4 frame of version 1 without a dictionary');
  }
  const blockBytesMax = blockSizes[(packed.readUInt8(5) >> 4) & 0x07];
  if (blockBytesMax === undefined) throw flaw('expected a block size of lz4');
  const checksumBytes = (flags & FLAG.blockChecksum) === 0 ? 0 : 4;
  let at = 7 + ((flags & FLAG.contentSize) === 0 ? 0 : 8);
  let bytes = 0;
  for (;;) {
    if (at + 4 > packed.length) throw flaw('expected the length of an lz4 block');
    const field = packed.readUInt32LE(at);
    if (field === 0) break;
    const length = field % STORED;
    bytes += field >= STORED ? length : Math.min(blockBytesMax, length * EXPANSION_MAX);
    at += 4 + length + checksumBytes;
  }
  const end = at + 4 + ((flags & FLAG.contentChecksum) === 0 ? 0 : 4);
  if (end !== packed.length) throw flaw(`expected one lz4 frame of ${end} bytes`);
  return bytes;

  function flaw(expected: string): DecodeError {
    return new DecodeError(`${expected}, found ${packed.length} bytes of something else`, 'records');
  }
}

export const packLz4 = (bytes: Buffer): Buffer => native().compressFrameSync(bytes);
export const unpackLz4 = (packed: Buffer): Buffer => native().decompressFrameSync(packed);

/** By the three bits of the frame; the first four are not in use. */
const blockSizes: readonly (number | undefined)[] = [
  undefined,
  undefined,
  undefined,
  undefined,
  64 * 1024,
  256 * 1024,
  1024 * 1024,
  4 * 1024 * 1024,
];

const require = createRequire(import.meta.url);
let loaded: typeof Lz4 | undefined;

/** Loaded by the first batch that needs it, as snappy is. */
function native(): typeof Lz4 {
  loaded ??= require('lz4-napi') as typeof Lz4;
  return loaded;
}
