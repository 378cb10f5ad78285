/**
 * Requests and responses of consumer groups with the field names of Kafka's protocol, so that a decoded message fits as
 * it is. Where a message carries several groups (OffsetFetch 8, DescribeGroups, DeleteGroups) one of these is one group:
 * they may live on different coordinators. Error codes are those of the wire; `throttleTimeMs` is the broker's matter.
 */
export interface JoinGroupRequest {
  readonly groupId: string;
  readonly sessionTimeoutMs: number;
  /** Version 0 has none; the session timeout stands in. */
  readonly rebalanceTimeoutMs: number;
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly protocolType: string;
  readonly protocols: readonly { readonly name: string; readonly metadata: Buffer }[];
}

export interface JoinGroupResponse {
  readonly errorCode: number;
  readonly generationId: number;
  readonly protocolType: string | null;
  /** '' where there is none: null came with version 7 only. */
  readonly protocolName: string;
  readonly leader: string;
  readonly skipAssignment: boolean;
  readonly memberId: string;
  readonly members: readonly {
    readonly memberId: string;
    readonly groupInstanceId: string | null;
    readonly metadata: Buffer;
  }[];
}

export interface SyncGroupRequest {
  readonly groupId: string;
  readonly generationId: number;
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  readonly assignments: readonly { readonly memberId: string; readonly assignment: Buffer }[];
}

export interface SyncGroupResponse {
  readonly errorCode: number;
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  readonly assignment: Buffer;
}

export interface HeartbeatRequest {
  readonly groupId: string;
  readonly generationId: number;
  readonly memberId: string;
  readonly groupInstanceId: string | null;
}

export interface HeartbeatResponse {
  readonly errorCode: number;
}

export interface LeaveGroupRequest {
  readonly groupId: string;
  /** Versions 0 to 2 name one member here and have no `members`. */
  readonly memberId: string;
  readonly members: readonly { readonly memberId: string; readonly groupInstanceId: string | null }[];
}

export interface LeaveGroupResponse {
  readonly errorCode: number;
  readonly members: readonly {
    readonly memberId: string;
    readonly groupInstanceId: string | null;
    readonly errorCode: number;
  }[];
}

export interface OffsetCommitRequest {
  readonly groupId: string;
  /** −1 from a client that assigns partitions to itself. */
  readonly generationIdOrMemberEpoch: number;
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly topics: readonly {
    readonly name: string;
    readonly partitions: readonly {
      readonly partitionIndex: number;
      readonly committedOffset: number;
      readonly committedLeaderEpoch: number;
      readonly committedMetadata: string | null;
    }[];
  }[];
}

export interface OffsetCommitResponse {
  readonly topics: readonly PartitionResults[];
}

export interface PartitionResults {
  readonly name: string;
  readonly partitions: readonly { readonly partitionIndex: number; readonly errorCode: number }[];
}

/** The caller has checked with `TransactionCoordinator.verify` that the transaction is open and holds this group. */
export interface TxnOffsetCommitRequest {
  readonly transactionalId: string;
  readonly groupId: string;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly generationId: number;
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly topics: OffsetCommitRequest['topics'];
}

export type TxnOffsetCommitResponse = OffsetCommitResponse;

export interface OffsetFetchRequest {
  readonly groupId: string;
  /** Null asks for all that is committed. */
  readonly topics: readonly { readonly name: string; readonly partitionIndexes: readonly number[] }[] | null;
  readonly requireStable: boolean;
}

export interface OffsetFetchResponse {
  readonly groupId: string;
  readonly errorCode: number;
  readonly topics: readonly {
    readonly name: string;
    readonly partitions: readonly {
      readonly partitionIndex: number;
      /** −1 when nothing is committed. */
      readonly committedOffset: number;
      readonly committedLeaderEpoch: number;
      readonly metadata: string | null;
      readonly errorCode: number;
    }[];
  }[];
}

export interface OffsetDeleteRequest {
  readonly groupId: string;
  readonly topics: readonly {
    readonly name: string;
    readonly partitions: readonly { readonly partitionIndex: number }[];
  }[];
}

export interface OffsetDeleteResponse {
  readonly errorCode: number;
  readonly topics: readonly PartitionResults[];
}

export interface DescribeGroupRequest {
  readonly groupId: string;
}

/** One entry of DescribeGroups; `authorizedOperations` is the broker's matter. */
export interface DescribedGroup {
  readonly errorCode: number;
  /** Version 6. */
  readonly errorMessage: string | null;
  readonly groupId: string;
  readonly groupState: string;
  readonly protocolType: string;
  readonly protocolData: string;
  readonly members: readonly {
    readonly memberId: string;
    readonly groupInstanceId: string | null;
    readonly clientId: string;
    readonly clientHost: string;
    readonly memberMetadata: Buffer;
    readonly memberAssignment: Buffer;
  }[];
}

export interface ListGroupsRequest {
  /** Empty: groups in any state. */
  readonly statesFilter: readonly string[];
}

/** What one coordinator contributes to ListGroups. */
export interface ListGroupsResponse {
  readonly groups: readonly {
    readonly groupId: string;
    readonly protocolType: string;
    readonly groupState: string;
    /** Version 5. */
    readonly groupType: string;
  }[];
}

export interface DeleteGroupRequest {
  readonly groupId: string;
}

/** One entry of DeleteGroups. */
export interface DeletedGroup {
  readonly groupId: string;
  readonly errorCode: number;
}
