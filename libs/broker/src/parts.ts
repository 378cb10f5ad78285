import type { BrokerConfigs } from './configs/broker-configs.ts';
import type { GroupConfigs } from './configs/group-configs.ts';
import type { Deadlines } from './deadlines.ts';
import type { FetchWaits } from './fetch-waits.ts';
import type { GroupCommit } from './group-commit.ts';
import type { GroupShells } from './groups.ts';
import type { Nodes } from './nodes.ts';
import type { BrokerConfig } from './options.ts';
import type { Quotas } from './quotas/quotas.ts';
import type { Security } from './security/security.ts';
import type { Topics } from './topics.ts';
import type { TransactionShell } from './transactions.ts';

/** What a handler works with. */
export interface Parts {
  readonly config: BrokerConfig;
  readonly clusterId: string;
  readonly nodes: Nodes;
  readonly brokerConfigs: BrokerConfigs;
  readonly groupConfigs: GroupConfigs;
  readonly topics: Topics;
  readonly commit: GroupCommit;
  readonly deadlines: Deadlines;
  readonly fetchWaits: FetchWaits;
  readonly groups: GroupShells;
  readonly transactions: TransactionShell;
  readonly security: Security;
  readonly quotas: Quotas;
  /** An invariant of the broker does not hold. */
  readonly onFailure: (error: unknown) => void;
}

/** The same everywhere and for ever: leadership never moves. */
export const LEADER_EPOCH = 0;
/** Stands for "not asked for" in the bit fields of authorised operations. */
export const OPERATIONS_NOT_ASKED = -2_147_483_648;
