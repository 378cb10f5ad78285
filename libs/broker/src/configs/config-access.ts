import { errors } from '@millrace/wire';
import type { Access } from '../security/access.ts';
import { clusterResource, topicResource } from '../security/acl.ts';
import type { ConfigRefusal } from './alteration.ts';
import { resourceType as types } from './config-source.ts';

/** Why the caller may not see or change the configuration: that of a topic takes it on the topic, the broker's on the cluster. */
export function refusalOfConfigs(
  access: Access,
  operation: 'DESCRIBE_CONFIGS' | 'ALTER_CONFIGS',
  type: number,
  name: string,
): ConfigRefusal | null {
  const isTopic = type === types.topic;
  if (access.may(operation, isTopic ? topicResource(name) : clusterResource)) return null;
  const error = isTopic ? 'TOPIC_AUTHORIZATION_FAILED' : 'CLUSTER_AUTHORIZATION_FAILED';
  return { error, message: errors[error].message };
}
