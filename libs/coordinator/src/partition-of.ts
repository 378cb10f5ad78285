/**
 * The partition of `__consumer_offsets` that keeps a group, as every Kafka tool computes it: the absolute value of Java's
 * `String.hashCode`, where the one number without an absolute value counts as 0, modulo the partition count.
 */
export function partitionOf(id: string, partitionCount: number): number {
  let hash = 0;
  for (let i = 0; i < id.length; i++) hash = (Math.imul(31, hash) + id.charCodeAt(i)) | 0;
  return (hash === -(2 ** 31) ? 0 : Math.abs(hash)) % partitionCount;
}
