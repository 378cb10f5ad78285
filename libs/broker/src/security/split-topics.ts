import type { Access } from './access.ts';
import { type AclOperation, topicResource } from './acl.ts';

/**
 * The topics of a request that the caller may do this to, and the others: these are refused one by one, and do not fail
 * their neighbours (B7).
 */
export function splitTopics<Topic extends { readonly name: string }>(
  access: Access,
  operation: AclOperation,
  topics: readonly Topic[],
): { readonly allowed: readonly Topic[]; readonly refused: readonly Topic[] } {
  const refused = topics.filter(({ name }) => !access.may(operation, topicResource(name)));
  return { allowed: refused.length === 0 ? topics : topics.filter((topic) => !refused.includes(topic)), refused };
}

/** The same error for every partition that the topics name. */
export function failPartitions(
  topics: readonly { readonly name: string; readonly partitions: readonly { readonly partition: number }[] }[],
  errorCode: number,
) {
  return topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partition }) => ({ partition, errorCode })),
  }));
}
