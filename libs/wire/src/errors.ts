/** Kafka's error codes as clients see them in responses. */
const table = [
  [-1, 'UNKNOWN_SERVER_ERROR', false, 'the server met an unexpected error'],
  [0, 'NONE', false, 'no error'],
  [1, 'OFFSET_OUT_OF_RANGE', false, 'the offset is outside of what the partition holds'],
  [2, 'CORRUPT_MESSAGE', true, 'the batch fails its checksum, exceeds the size limit or is malformed'],
  [3, 'UNKNOWN_TOPIC_OR_PARTITION', true, 'the topic or partition does not exist here'],
  [4, 'INVALID_FETCH_SIZE', false, 'the fetch size is invalid'],
  [5, 'LEADER_NOT_AVAILABLE', true, 'the partition has no leader at the moment'],
  [6, 'NOT_LEADER_OR_FOLLOWER', true, 'this broker does not lead the partition'],
  [7, 'REQUEST_TIMED_OUT', true, 'the request timed out'],
  [8, 'BROKER_NOT_AVAILABLE', false, 'the broker is not available'],
  [9, 'REPLICA_NOT_AVAILABLE', true, 'the replica is not available'],
  [10, 'MESSAGE_TOO_LARGE', false, 'the batch is larger than the topic allows'],
  [12, 'OFFSET_METADATA_TOO_LARGE', false, 'the metadata of the offset commit is too large'],
  [13, 'NETWORK_EXCEPTION', true, 'the server disconnected before it answered'],
  [14, 'COORDINATOR_LOAD_IN_PROGRESS', true, 'the coordinator is loading its state'],
  [15, 'COORDINATOR_NOT_AVAILABLE', true, 'the coordinator is not available'],
  [16, 'NOT_COORDINATOR', true, 'this broker is not the coordinator'],
  [17, 'INVALID_TOPIC_EXCEPTION', false, 'the topic name is not allowed'],
  [18, 'RECORD_LIST_TOO_LARGE', false, 'the request holds a batch larger than the segment size'],
  [19, 'NOT_ENOUGH_REPLICAS', true, 'fewer replicas are in sync than required'],
  [20, 'NOT_ENOUGH_REPLICAS_AFTER_APPEND', true, 'written, but to fewer replicas than required'],
  [21, 'INVALID_REQUIRED_ACKS', false, 'acks must be -1, 0 or 1'],
  [22, 'ILLEGAL_GENERATION', false, 'the generation of the group is another'],
  [23, 'INCONSISTENT_GROUP_PROTOCOL', false, 'the member shares no protocol with its group'],
  [24, 'INVALID_GROUP_ID', false, 'the group id is invalid'],
  [25, 'UNKNOWN_MEMBER_ID', false, 'the coordinator does not know this member'],
  [26, 'INVALID_SESSION_TIMEOUT', false, 'the session timeout is outside of the allowed range'],
  [27, 'REBALANCE_IN_PROGRESS', false, 'the group is rebalancing; join again'],
  [28, 'INVALID_COMMIT_OFFSET_SIZE', false, 'the offset commit is too large'],
  [29, 'TOPIC_AUTHORIZATION_FAILED', false, 'not authorised for the topic'],
  [30, 'GROUP_AUTHORIZATION_FAILED', false, 'not authorised for the group'],
  [31, 'CLUSTER_AUTHORIZATION_FAILED', false, 'not authorised for the cluster'],
  [32, 'INVALID_TIMESTAMP', false, 'the timestamp is outside of the allowed range'],
  [33, 'UNSUPPORTED_SASL_MECHANISM', false, 'the SASL mechanism is not supported'],
  [34, 'ILLEGAL_SASL_STATE', false, 'the request does not fit the SASL state'],
  [35, 'UNSUPPORTED_VERSION', false, 'the version of the API is not supported'],
  [36, 'TOPIC_ALREADY_EXISTS', false, 'the topic exists already'],
  [37, 'INVALID_PARTITIONS', false, 'the number of partitions is invalid'],
  [38, 'INVALID_REPLICATION_FACTOR', false, 'the replication factor is invalid or above the number of brokers'],
  [39, 'INVALID_REPLICA_ASSIGNMENT', false, 'the replica assignment is invalid'],
  [40, 'INVALID_CONFIG', false, 'the configuration is invalid'],
  [41, 'NOT_CONTROLLER', true, 'this broker is not the controller'],
  [42, 'INVALID_REQUEST', false, 'the request is malformed or contradicts itself'],
  [43, 'UNSUPPORTED_FOR_MESSAGE_FORMAT', false, 'the message format does not support the request'],
  [44, 'POLICY_VIOLATION', false, 'the request violates a policy of the server'],
  [45, 'OUT_OF_ORDER_SEQUENCE_NUMBER', false, 'the batch does not follow the last one of its producer'],
  [46, 'DUPLICATE_SEQUENCE_NUMBER', false, 'the batch was appended before and its offset is no longer known'],
  [47, 'INVALID_PRODUCER_EPOCH', false, 'the producer has been superseded by one with a newer epoch'],
  [48, 'INVALID_TXN_STATE', false, 'the transaction is not in a state that allows this'],
  [49, 'INVALID_PRODUCER_ID_MAPPING', false, 'the producer id does not belong to the transactional id'],
  [50, 'INVALID_TRANSACTION_TIMEOUT', false, 'the transaction timeout is above the maximum'],
  [51, 'CONCURRENT_TRANSACTIONS', true, 'the previous transaction of this producer is still completing'],
  [52, 'TRANSACTION_COORDINATOR_FENCED', false, 'the transaction coordinator has been superseded'],
  [53, 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED', false, 'not authorised for the transactional id'],
  [54, 'SECURITY_DISABLED', false, 'security features are disabled'],
  [55, 'OPERATION_NOT_ATTEMPTED', false, 'not attempted because another part of the request failed'],
  [56, 'KAFKA_STORAGE_ERROR', true, 'the disk failed'],
  [57, 'LOG_DIR_NOT_FOUND', false, 'the log directory does not exist'],
  [58, 'SASL_AUTHENTICATION_FAILED', false, 'the credentials were refused'],
  [59, 'UNKNOWN_PRODUCER_ID', false, 'the partition does not know the producer id'],
  [60, 'REASSIGNMENT_IN_PROGRESS', false, 'a reassignment of the partition is in progress'],
  [68, 'NON_EMPTY_GROUP', false, 'the group has members'],
  [69, 'GROUP_ID_NOT_FOUND', false, 'the group does not exist'],
  [70, 'FETCH_SESSION_ID_NOT_FOUND', true, 'the fetch session does not exist'],
  [71, 'INVALID_FETCH_SESSION_EPOCH', true, 'the epoch of the fetch session is another'],
  [72, 'LISTENER_NOT_FOUND', true, 'the broker has no such listener'],
  [73, 'TOPIC_DELETION_DISABLED', false, 'topics cannot be deleted'],
  [74, 'FENCED_LEADER_EPOCH', true, 'the leader epoch is older than the broker knows'],
  [75, 'UNKNOWN_LEADER_EPOCH', true, 'the leader epoch is newer than the broker knows'],
  [76, 'UNSUPPORTED_COMPRESSION_TYPE', false, 'the compression codec is not supported in this version'],
  [77, 'STALE_BROKER_EPOCH', false, 'the epoch of the broker has changed'],
  [78, 'OFFSET_NOT_AVAILABLE', true, 'the high watermark lags behind a new leader'],
  [79, 'MEMBER_ID_REQUIRED', false, 'join again with the member id of this answer'],
  [80, 'PREFERRED_LEADER_NOT_AVAILABLE', true, 'the preferred leader is not available'],
  [81, 'GROUP_MAX_SIZE_REACHED', false, 'the group is full'],
  [82, 'FENCED_INSTANCE_ID', false, 'another member has taken over the group instance id'],
  [83, 'ELIGIBLE_LEADERS_NOT_AVAILABLE', true, 'no eligible leader is available'],
  [84, 'ELECTION_NOT_NEEDED', true, 'no election is needed'],
  [85, 'NO_REASSIGNMENT_IN_PROGRESS', false, 'no reassignment is in progress'],
  [86, 'GROUP_SUBSCRIBED_TO_TOPIC', false, 'the group is subscribed to the topic'],
  [87, 'INVALID_RECORD', false, 'a record was refused'],
  [88, 'UNSTABLE_OFFSET_COMMIT', true, 'offsets of open transactions have to be cleared first'],
  [89, 'THROTTLING_QUOTA_EXCEEDED', true, 'the quota is exhausted'],
  [90, 'PRODUCER_FENCED', false, 'a newer producer with the same transactional id has taken over'],
  [91, 'RESOURCE_NOT_FOUND', false, 'the resource does not exist'],
  [92, 'DUPLICATE_RESOURCE', false, 'the resource exists already'],
  [93, 'UNACCEPTABLE_CREDENTIAL', false, 'the credential is not acceptable'],
  [94, 'INCONSISTENT_VOTER_SET', false, 'the voter set is inconsistent'],
  [95, 'INVALID_UPDATE_VERSION', false, 'the update version is invalid'],
  [96, 'FEATURE_UPDATE_FAILED', false, 'the feature could not be updated'],
  [97, 'PRINCIPAL_DESERIALIZATION_FAILURE', false, 'the principal could not be read'],
  [100, 'UNKNOWN_TOPIC_ID', true, 'the topic id is unknown here'],
  [103, 'INCONSISTENT_TOPIC_ID', true, 'the topic id differs from the one stored'],
  [105, 'TRANSACTIONAL_ID_NOT_FOUND', false, 'the transactional id is unknown'],
  [110, 'FENCED_MEMBER_EPOCH', false, 'the member epoch is one that was given to another'],
  [111, 'UNRELEASED_INSTANCE_ID', false, 'another member holds the group instance id'],
  [112, 'UNSUPPORTED_ASSIGNOR', false, 'the assignor is not supported'],
  [113, 'STALE_MEMBER_EPOCH', false, 'the member epoch is older than the coordinator knows'],
  [114, 'MISMATCHED_ENDPOINT_TYPE', false, 'the request came to the wrong kind of endpoint'],
  [115, 'UNSUPPORTED_ENDPOINT_TYPE', false, 'this kind of endpoint is not supported'],
  [120, 'TRANSACTION_ABORTABLE', false, 'the transaction has to be aborted'],
  [128, 'INVALID_REGULAR_EXPRESSION', false, 'the regular expression is invalid'],
] as const satisfies readonly (readonly [number, string, boolean, string])[];

export type ErrorName = (typeof table)[number][1];

export interface KafkaError {
  readonly code: number;
  readonly name: ErrorName | 'UNRECOGNISED';
  /** Doing the same again later can succeed. */
  readonly retriable: boolean;
  readonly message: string;
}

export const errors = Object.fromEntries(
  table.map(([code, name, retriable, message]) => [name, { code, name, retriable, message }]),
) as { readonly [Name in ErrorName]: KafkaError & { readonly name: Name } };

const byCode = new Map<number, KafkaError>(Object.values(errors).map((error) => [error.code, error]));

/** The entry of any code a server may send, newer ones than ours included. */
export function errorOf(code: number): KafkaError {
  const known = byCode.get(code);
  if (known !== undefined) return known;
  return { code, name: 'UNRECOGNISED', retriable: false, message: `error code ${code} is not known here` };
}
