/**
 * Murmur2 as Kafka's default partitioner computes it, so that a record keyed by an instance id or a correlation key
 * lands where a Kafka client with the same key would put it. Written out by hand because this lib is pure.
 */
const SEED = 0x9747b28c;
const MULTIPLIER = 0x5bd1e995;
const SHIFT = 24;

const utf8 = new TextEncoder();

/** Murmur2 over the UTF-8 bytes of the text, as a signed 32-bit integer. `seed` tells independent hashes of one text apart. */
export function murmur2(text: string, seed: number = SEED): number {
  const bytes = utf8.encode(text);
  const length = bytes.length;
  let hash = seed ^ length;
  let at = 0;
  for (; at + 4 <= length; at += 4) {
    let word =
      byteAt(bytes, at) | (byteAt(bytes, at + 1) << 8) | (byteAt(bytes, at + 2) << 16) | (byteAt(bytes, at + 3) << 24);
    word = Math.imul(word, MULTIPLIER);
    word ^= word >>> SHIFT;
    word = Math.imul(word, MULTIPLIER);
    hash = Math.imul(hash, MULTIPLIER) ^ word;
  }
  const rest = length - at;
  if (rest > 0) {
    if (rest === 3) hash ^= byteAt(bytes, at + 2) << 16;
    if (rest >= 2) hash ^= byteAt(bytes, at + 1) << 8;
    hash = Math.imul(hash ^ byteAt(bytes, at), MULTIPLIER);
  }
  hash ^= hash >>> 13;
  hash = Math.imul(hash, MULTIPLIER);
  return hash ^ (hash >>> 15);
}

/** The partition of a key among `partitionCount`, equal to that of Kafka's default partitioner. */
export function partitionForKey(key: string, partitionCount: number): number {
  return (murmur2(key) & 0x7fffffff) % partitionCount;
}

/** Sixteen bytes that depend on the text alone. Not a cryptographic digest: use it where nobody gains by a collision. */
export function bytesFromText(text: string): Uint8Array {
  const view = new DataView(new ArrayBuffer(16));
  for (let word = 0; word < 4; word += 1) view.setInt32(word * 4, murmur2(text, SEED + word * 0x01000193));
  return new Uint8Array(view.buffer);
}

function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}
