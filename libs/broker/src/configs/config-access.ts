import { type ErrorName, errors } from '@millrace/wire';
import type { Access } from '../security/access.ts';
import { clusterResource, groupResource, type Resource, topicResource } from '../security/acl.ts';
import type { ConfigRefusal } from './alteration.ts';
import { resourceType as types } from './config-source.ts';

/** Why the caller may not see or change the configuration: that of a topic or group takes it there, the broker's on the cluster. */
export function refusalOfConfigs(
  access: Access,
  operation: 'DESCRIBE_CONFIGS' | 'ALTER_CONFIGS',
  type: number,
  name: string,
): ConfigRefusal | null {
  const { resource, error } = wantedOf(type, name);
  return access.may(operation, resource) ? null : { error, message: errors[error].message };
}

function wantedOf(type: number, name: string): { readonly resource: Resource; readonly error: ErrorName } {
  switch (type) {
    case types.topic:
      return { resource: topicResource(name), error: 'TOPIC_AUTHORIZATION_FAILED' };
    case types.group:
      return { resource: groupResource(name), error: 'GROUP_AUTHORIZATION_FAILED' };
    default:
      return { resource: clusterResource, error: 'CLUSTER_AUTHORIZATION_FAILED' };
  }
}
