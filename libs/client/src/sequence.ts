/** A sequence number `count` records later: after 2^31 - 1 comes 0 (KIP-98). */
export function advanceSequence(sequence: number, count: number): number {
  const next = sequence + count;
  return next < 2 ** 31 ? next : next - 2 ** 31;
}
