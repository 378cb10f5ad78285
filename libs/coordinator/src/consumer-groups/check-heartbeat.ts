import { errors, type KafkaError } from '@millrace/wire';
import type { Groups } from '../groups/groups.ts';
import type { ConsumerGroupHeartbeatRequest } from '../groups/messages.ts';
import { assignors } from './assign.ts';
import { AWAY_EPOCH } from './consumer-group.ts';

interface Problem {
  readonly error: KafkaError;
  readonly message: string;
}

/** The version from which on members make their own ids. */
const VERSION_WITH_OWN_IDS = 1;

/** What is wrong with the request by itself; null when nothing is. */
export function checkHeartbeat(
  groups: Groups,
  request: ConsumerGroupHeartbeatRequest,
  apiVersion: number,
): Problem | null {
  const invalid = (message: string): Problem => ({ error: errors.INVALID_REQUEST, message });
  const { groupId, memberId, memberEpoch, instanceId, serverAssignor, subscribedTopicRegex } = request;
  if (groupId === '') return invalid('expected a group id, found nothing');
  if (instanceId === '') return invalid('expected an instance id or none, found an empty one');
  if (memberEpoch < AWAY_EPOCH) return invalid(`expected a member epoch from -2 on, found ${memberEpoch}`);
  if (memberId === '' && (memberEpoch !== 0 || apiVersion >= VERSION_WITH_OWN_IDS)) {
    return invalid('expected a member id, found nothing');
  }
  if (memberEpoch === AWAY_EPOCH && instanceId === null)
    return invalid('expected an instance id of who leaves for a while');
  if (memberEpoch < 0) return null;
  const joining = memberEpoch === 0 ? problemOfJoin(request) : null;
  if (joining !== null) return invalid(joining);
  if (serverAssignor !== null && !assignors.has(serverAssignor)) {
    const names = [...assignors.keys()].join(' or ');
    return { error: errors.UNSUPPORTED_ASSIGNOR, message: `expected assignor ${names}, found "${serverAssignor}"` };
  }
  const pattern = subscribedTopicRegex ?? '';
  if (pattern !== '' && groups.topics.matching(pattern) === null) {
    const { INVALID_REGULAR_EXPRESSION: error } = errors;
    return { error, message: `expected a regular expression as RE2 has them, found "${pattern}"` };
  }
  return null;
}

function problemOfJoin(request: ConsumerGroupHeartbeatRequest): string | null {
  const { rebalanceTimeoutMs, subscribedTopicNames, subscribedTopicRegex, topicPartitions } = request;
  if (rebalanceTimeoutMs <= 0) return `expected a rebalance timeout of who joins, found ${rebalanceTimeoutMs}`;
  if (topicPartitions === null || topicPartitions.length > 0) return 'expected who joins to have no partitions';
  if (subscribedTopicNames === null && subscribedTopicRegex === null) return 'expected a subscription of who joins';
  return null;
}
