import * as fc from 'fast-check';

/** What lengths and counts are set to: none, negative, all that fits, more than there is. */
const EXTREMES = [0, 1, -1, -2, 0x7f, 0x80, 0x7fff, -0x8000, 0xffff, 0x7fff_ffff, -0x8000_0000, 1_000_000];

type Mutation = (frame: Buffer) => Buffer;

const at = fc.nat({ max: 1_000_000 });

/** `position` brought into the part of the frame behind its length. */
function within(frame: Buffer, position: number): number {
  return Math.min(frame.length, LENGTH_BYTES + (position % Math.max(1, frame.length - LENGTH_BYTES)));
}

function splice(frame: Buffer, position: number, removed: number, added: Uint8Array): Buffer {
  const from = within(frame, position);
  return Buffer.concat([frame.subarray(0, from), added, frame.subarray(Math.min(frame.length, from + removed))]);
}

function int(bytes: 1 | 2 | 4, value: number): Buffer {
  const target = Buffer.alloc(4);
  target.writeInt32BE(value | 0);
  return target.subarray(4 - bytes);
}

/** Unsigned, as compact lengths and tags are; −1 and the like become the largest there are. */
function uvarint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value >>> 0;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.from([...bytes, rest]);
}

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  // A byte, or a length of any kind, is another.
  fc.tuple(at, fc.nat(255)).map(
    ([position, byte]): Mutation =>
      (frame) =>
        splice(frame, position, 1, Buffer.of(byte)),
  ),
  fc.tuple(at, fc.constantFrom(...EXTREMES), fc.constantFrom<1 | 2 | 4>(1, 2, 4)).map(
    ([position, value, bytes]): Mutation =>
      (frame) =>
        splice(frame, position, bytes, int(bytes, value)),
  ),
  fc.tuple(at, fc.constantFrom(...EXTREMES)).map(
    ([position, value]): Mutation =>
      (frame) =>
        splice(frame, position, 1, uvarint(value)),
  ),
  // Something is missing, is there twice, or is new.
  fc.tuple(at, fc.nat(20)).map(
    ([position, length]): Mutation =>
      (frame) =>
        splice(frame, position, length, Buffer.of()),
  ),
  fc.tuple(at, fc.nat(40)).map(
    ([position, length]): Mutation =>
      (frame) => {
        const from = within(frame, position);
        return splice(frame, position, 0, frame.subarray(from, from + length));
      },
  ),
  fc.tuple(at, fc.uint8Array({ maxLength: 40 })).map(
    ([position, added]): Mutation =>
      (frame) =>
        splice(frame, position, 0, added),
  ),
  // Tags upon tags, where there may be some and where there may not.
  fc.tuple(at, fc.nat(3_000), fc.nat(3)).map(
    ([position, count, size]): Mutation =>
      (frame) => {
        const tags = Array.from({ length: count }, (_, tag) => [
          uvarint(tag),
          uvarint(size),
          Buffer.alloc(size),
        ]).flat();
        return splice(frame, position, 1, Buffer.concat([uvarint(count), ...tags]));
      },
  ),
);

/** One or several mutations of a frame with its length, which stays right: what is damaged is the request, not the framing. */
export const mutations: fc.Arbitrary<Mutation> = fc
  .array(mutation, { minLength: 1, maxLength: 3 })
  .map((all) => (frame) => {
    const mutated = Buffer.from(all.reduce((sofar, mutate) => mutate(sofar), frame));
    mutated.writeInt32BE(mutated.length - LENGTH_BYTES);
    return mutated;
  });

const LENGTH_BYTES = 4;
