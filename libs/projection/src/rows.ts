import type {
  BatchFailure,
  BatchFilter,
  BatchOperation,
  InstanceId,
  Key,
  OpenedAction,
  TaskForm,
} from '@millrace/records';

/**
 * What the read models hold. The engine's own rows are another thing: those vanish with the instance, these are what
 * people ask about afterwards.
 */
export interface ReadTables {
  /** `{instance id}` */
  readonly instance: ReadInstance;
  /** `{process id}` */
  readonly suspendedDefinition: ReadSuspension;
  /** `{instance id}/{element key}` for a token in an element, `{instance id}/~{scope}/{gateway}/{flow}` for tokens at a join. */
  readonly token: ReadToken;
  /** `{instance id}`: the process variables. They stay after the end: they are the result. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** `{instance id}/{element key}`: variables local to a scope that lives, as far as anybody has set them. */
  readonly local: Readonly<Record<string, unknown>>;
  /** `{element key}` */
  readonly task: ReadTask;
  /** `{message key}`: a message that lives, or that nobody has taken. */
  readonly message: ReadMessage;
  /** `{incident key}` */
  readonly incident: ReadIncident;
  /** `{batch id}` */
  readonly batch: ReadBatch;
  /** `{instance id}/{offset of the first event}`: a stretch of the partition that has events of the instance. */
  readonly history: HistoryRun;
}

export type ReadTableName = keyof ReadTables;

export const readTableNames = [
  'instance',
  'suspendedDefinition',
  'token',
  'variables',
  'local',
  'task',
  'message',
  'incident',
  'batch',
  'history',
] as const satisfies readonly ReadTableName[];

/** A process that starts no instances. */
export interface ReadSuspension {
  readonly suspendedAt: number;
  readonly reason?: string;
}

export type ReadInstanceState = 'STARTED' | 'SUSPENDED' | 'FINISHED' | 'TERMINATED' | 'CANCELLED' | 'EXPIRED';

export interface ReadInstance {
  readonly id: InstanceId;
  readonly processId: string;
  readonly version: number;
  readonly businessKey?: string;
  readonly flowName?: string;
  readonly state: ReadInstanceState;
  readonly startedAt: number;
  readonly expiresAt?: number;
  readonly endedAt?: number;
  readonly openIncidents: number;
  /** Of the last element with one that a token has come to. */
  readonly stage?: string;
  readonly milestones?: readonly { readonly name: string; readonly elementId: string; readonly reachedAt: number }[];
  /** Elements of the top level that a token may go back to, in the order in which they were first passed. */
  readonly passed?: readonly string[];
  /** The instance whose call activity called it, and the token that waits there. */
  readonly parent?: { readonly instanceId: InstanceId; readonly elementKey: Key };
}

export type ReadTokenStatus =
  | 'ARRIVED'
  | 'EXECUTING'
  | 'WAITING_MESSAGE_EVENT'
  | 'WAITING_SIGNAL_EVENT'
  | 'WAITING_CONDITION'
  | 'WAITING_TIMER_EVENT'
  | 'WAITING_MESSAGE'
  | 'WAITING_USER'
  | 'MESSAGE_RECEIVED'
  | 'EXECUTED_PARTIAL';

export interface ReadToken {
  readonly id: Key;
  readonly elementId: string;
  readonly elementKind: string;
  /** The element around it; the instance id at the top level, absent at a join. */
  readonly scopeKey?: Key;
  readonly status: ReadTokenStatus;
  readonly since: number;
  /** What the action call accepts here besides manual actions. */
  readonly action?: string;
  readonly actions?: readonly ReadAction[];
  /** Of a scope, as of the instance. */
  readonly passed?: readonly string[];
  readonly incidentKey?: Key;
  /** Tokens at a join, on one flow; 1 elsewhere. */
  readonly count: number;
}

export interface ReadAction extends OpenedAction {
  readonly running: number;
  readonly executed: number;
}

export interface ReadTask {
  readonly key: Key;
  readonly instanceId: InstanceId;
  readonly processId: string;
  readonly elementId: string;
  readonly name: string;
  readonly state: 'CREATED' | 'CLAIMED' | 'COMPLETED' | 'CANCELLED';
  readonly assignee?: string;
  readonly candidateGroups: readonly string[];
  readonly candidateUsers: readonly string[];
  readonly form?: TaskForm;
  readonly headers: Readonly<Record<string, string>>;
  readonly dueDate?: string;
  readonly followUpDate?: string;
  readonly priority?: number;
  readonly createdAt: number;
}

/** What becomes of one that somebody has taken is told to its publisher and seen at the instance: it is forgotten here. */
export interface ReadMessage {
  readonly key: Key;
  readonly name: string;
  readonly correlationKey: string;
  readonly messageId?: string;
  readonly state: 'BUFFERED' | 'HELD' | 'EXPIRED';
  /** Somebody has taken it; it lives on for others. */
  readonly isTaken: boolean;
  readonly publishedAt: number;
  readonly expiresAt?: number;
}

export interface ReadIncident {
  readonly key: Key;
  readonly instanceId: InstanceId;
  readonly processId: string;
  readonly elementId: string;
  readonly elementKey?: Key;
  readonly jobKey?: Key;
  readonly reason: string;
  readonly message: string;
  readonly raisedAt: number;
  readonly resolvedAt?: number;
}

export interface ReadBatch {
  readonly id: string;
  readonly operation: BatchOperation;
  readonly filter: BatchFilter;
  /** By partition. */
  readonly parts: readonly { readonly done: number; readonly failed: number; readonly hasEnded: boolean }[];
  readonly failures: readonly BatchFailure[];
  readonly isCancelled: boolean;
  readonly startedAt: number;
  readonly endedAt?: number;
}

interface HistoryRun {
  readonly last: number;
}

/**
 * The lists, as keys of one ordered table: what is listed, then what it is ordered by, then the thing's own key.
 * - `all`, `running`: instances by start
 * - `definition`, `businessKey`, `flow`: the same within one
 * - `stage`: the same, in one as its last stage
 * - `calledBy`: the same, called by one
 * - `task`, `taskOf`: open tasks by creation; of one instance
 * - `message`: by state, those that nobody has taken, by publishing
 * - `batch`: batches by start
 * - `incident`, `incidentOf`: open incidents; of one instance
 */
export type IndexKey =
  | readonly ['all' | 'running' | 'task' | 'incident' | 'batch', number, string]
  | readonly [
      'definition' | 'businessKey' | 'flow' | 'stage' | 'calledBy' | 'taskOf' | 'incidentOf' | 'message',
      string,
      number,
      string,
    ];
