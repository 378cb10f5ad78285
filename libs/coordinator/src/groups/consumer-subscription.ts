import { DecodeError, type Schema, array, decode, string } from '@millrace/wire';
import { type Group, metadataOf } from './group.ts';

/** The beginning of what consumers say of themselves when they join (later versions only add to the end). */
const subscription = {
  name: 'ConsumerProtocolSubscription',
  versions: [0, 0],
  flexibleSince: Infinity,
  fields: { topics: array(string) },
} as const satisfies Schema;

/**
 * The topics that the group's members read; null when that cannot be told, because they speak a protocol of their own. The
 * one place where the coordinator looks into what clients say to each other.
 */
export function subscribedTopics(group: Group): ReadonlySet<string> | null {
  const topics = new Set<string>();
  if (group.consumers !== null) {
    for (const { topicNames } of group.consumers.members.values()) for (const name of topicNames) topics.add(name);
    // Those that patterns have found.
    for (const name of group.consumers.topics.keys()) topics.add(name);
    return topics;
  }
  if (group.members.size === 0) return topics;
  if (group.protocolType !== 'consumer') return null;
  for (const member of group.members.values()) {
    const metadata = metadataOf(member, group.protocolName ?? member.protocols[0]?.name ?? null);
    try {
      // Version 0 reads the part that all versions have.
      for (const topic of decode(subscription, 0, metadata, 2).value.topics) topics.add(topic);
    } catch (error) {
      if (error instanceof DecodeError) return null;
      throw error;
    }
  }
  return topics;
}
