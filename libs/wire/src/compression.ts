import { constants, gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { messageOf } from '@millrace/std';
import type { Codec } from './batch-header.ts';
import { lz4UnpackedBytesMax, packLz4, unpackLz4 } from './lz4.ts';
import { packSnappy, snappyUnpackedBytes, unpackSnappy } from './snappy.ts';
import { DecodeError, WireError } from './wire-error.ts';

/** What the records of a batch can be compressed with, in native code for all four. */
export type CompressionCodec = Exclude<Codec, 'none' | 'unknown'>;

/** A compressed batch that unpacks to more is refused unless its reader says otherwise: it costs its sender bytes, and us memory. */
const UNPACKED_BYTES_MAX = 256 * 1024 * 1024;

/**
 * Z1. Nothing is unpacked beyond the limit, and no memory is taken for it: gzip and zstd stop there, snappy and lz4 say
 *     beforehand how much there is at most.
 * Z2. What is packed here every other client can read: snappy in xerial frames, lz4 in frames of independent blocks.
 *
 * @throws DecodeError when the bytes are not of this codec
 * @throws WireError `RECORDS_TOO_LARGE` when they unpack to more than `bytesMax`, `UNSUPPORTED_CODEC` for a codec that
 *   Kafka has not defined
 */
export function unpackRecords(codec: Codec, packed: Buffer, bytesMax = UNPACKED_BYTES_MAX): Buffer {
  if (codec === 'none') return packed;
  if (codec === 'unknown') {
    throw new WireError('UNSUPPORTED_CODEC', `expected records in gzip, snappy, lz4, zstd or none, found ${codec}`);
  }
  try {
    return unpackers[codec](packed, bytesMax);
  } catch (error) {
    if (error instanceof WireError) throw error;
    const isTooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw isTooLarge
      ? beyond(bytesMax)
      : new DecodeError(`expected ${codec} data, found ${messageOf(error)}`, 'records');
  }
}

/** `level` is that of the codec, where it has any (gzip 1–9, zstd 1–22); without one the codec's own default. */
export function packRecords(codec: CompressionCodec, bytes: Buffer, level?: number): Buffer {
  return packers[codec](bytes, level);
}

const unpackers: Readonly<Record<CompressionCodec, (packed: Buffer, bytesMax: number) => Buffer>> = {
  gzip: (packed, bytesMax) => gunzipSync(packed, { maxOutputLength: bytesMax }),
  zstd: (packed, bytesMax) => zstdDecompressSync(packed, { maxOutputLength: bytesMax }),
  snappy(packed, bytesMax) {
    if (snappyUnpackedBytes(packed) > bytesMax) throw beyond(bytesMax);
    return unpackSnappy(packed);
  },
  lz4(packed, bytesMax) {
    if (lz4UnpackedBytesMax(packed) > bytesMax) throw beyond(bytesMax);
    return unpackLz4(packed);
  },
};

const packers: Readonly<Record<CompressionCodec, (bytes: Buffer, level?: number) => Buffer>> = {
  gzip: (bytes, level) => gzipSync(bytes, level === undefined ? {} : { level }),
  zstd: (bytes, level) =>
    zstdCompressSync(bytes, level === undefined ? {} : { params: { [constants.ZSTD_c_compressionLevel]: level } }),
  snappy: packSnappy,
  lz4: packLz4,
};

function beyond(bytesMax: number): WireError {
  return new WireError('RECORDS_TOO_LARGE', `expected records that unpack to at most ${bytesMax} bytes, found more`);
}
