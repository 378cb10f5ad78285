import type { StateRecord } from '../effects.ts';
import { consumerGroupMetadataKey, consumerGroupMetadataValue, written } from '../records/offset-records.ts';
import { encodeVersioned } from '../records/keyed.ts';

/** That the group is one of the consumer protocol, and how far its epochs have gone. Members are not kept. */
export function consumerGroupRecord(groupId: string, epoch: number): StateRecord {
  const value = encodeVersioned(consumerGroupMetadataValue, written.consumerGroupMetadataValue, { epoch });
  return { key: keyOf(groupId), value };
}

export function consumerGroupTombstone(groupId: string): StateRecord {
  return { key: keyOf(groupId), value: null };
}

function keyOf(groupId: string): Buffer {
  return encodeVersioned(consumerGroupMetadataKey, written.consumerGroupMetadataKey, { groupId });
}
