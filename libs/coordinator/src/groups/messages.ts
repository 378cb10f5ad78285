import type { Request, Response, apis } from '@millrace/wire';

/**
 * Requests and responses of consumer groups: the wire's own, but what concerns one group at a time where a message
 * carries several (OffsetFetch 8, DescribeGroups, DeleteGroups), since they may live on different coordinators.
 * `throttleTimeMs` is the broker's matter.
 */
export type JoinGroupRequest = Request<typeof apis.joinGroup>;
export type JoinGroupResponse = Unthrottled<Response<typeof apis.joinGroup>>;
export type SyncGroupRequest = Request<typeof apis.syncGroup>;
export type SyncGroupResponse = Unthrottled<Response<typeof apis.syncGroup>>;
export type HeartbeatRequest = Request<typeof apis.heartbeat>;
export type HeartbeatResponse = Unthrottled<Response<typeof apis.heartbeat>>;
export type LeaveGroupRequest = Request<typeof apis.leaveGroup>;
export type LeaveGroupResponse = Unthrottled<Response<typeof apis.leaveGroup>>;
export type OffsetCommitRequest = Omit<Request<typeof apis.offsetCommit>, 'retentionTimeMs'>;
export type OffsetCommitResponse = Unthrottled<Response<typeof apis.offsetCommit>>;
/** The caller has checked with `TransactionCoordinator.verify` that the transaction is open and holds this group. */
export type TxnOffsetCommitRequest = Request<typeof apis.txnOffsetCommit>;
export type TxnOffsetCommitResponse = Unthrottled<Response<typeof apis.txnOffsetCommit>>;
export type ListGroupsRequest = Request<typeof apis.listGroups>;
/** What one coordinator contributes. */
export type ListGroupsResponse = Pick<Response<typeof apis.listGroups>, 'groups'>;
export type DescribedGroup = Omit<Response<typeof apis.describeGroups>['groups'][number], 'authorizedOperations'>;
export type ConsumerGroupHeartbeatRequest = Request<typeof apis.consumerGroupHeartbeat>;
export type ConsumerGroupHeartbeatResponse = Unthrottled<Response<typeof apis.consumerGroupHeartbeat>>;
export type DescribedConsumerGroup = Omit<
  Response<typeof apis.consumerGroupDescribe>['groups'][number],
  'authorizedOperations'
>;
export type DeletedGroup = Response<typeof apis.deleteGroups>['results'][number];

export interface OneGroup {
  readonly groupId: string;
}

export interface OffsetFetchRequest extends OneGroup {
  /** Null asks for all that is committed. */
  readonly topics: readonly { readonly name: string; readonly partitions: readonly number[] }[] | null;
  readonly requireStable: boolean;
  /** Where a member of the consumer protocol asks for itself; anybody may ask. */
  readonly asker?: { readonly memberId: string; readonly memberEpoch: number };
}

export type OffsetFetchResponse = Response<typeof apis.offsetFetch>['groups'][number];

export interface OffsetDeleteRequest extends OneGroup {
  readonly topics: readonly {
    readonly name: string;
    readonly partitions: readonly { readonly partition: number }[];
  }[];
}

export interface OffsetDeleteResponse {
  readonly errorCode: number;
  readonly topics: OffsetCommitResponse['topics'];
}

type Unthrottled<M> = Omit<M, 'throttleTimeMs'>;
