/**
 * The partition of `__consumer_offsets` that keeps a group, as every Kafka tool computes it: Java's `String.hashCode`
 * without its sign, modulo the partition count.
 */
export function partitionOf(id: string, partitionCount: number): number {
  let hash = 0;
  for (let i = 0; i < id.length; i++) hash = (Math.imul(31, hash) + id.charCodeAt(i)) | 0;
  return (hash & 0x7fffffff) % partitionCount;
}
