import type { AdHocResult } from './ad-hoc.ts';
import type { BatchCommand } from './batch.ts';
import type { Cause, ReplyTo, Variables } from './envelope.ts';
import type { DefinitionKey, InstanceId, Key } from './ids.ts';
import type { MessageCommand } from './message-commands.ts';
import type { OperationCommand } from './operation-commands.ts';
import type { Parent } from './instance-rows.ts';
import type { SignalCommand } from './signal-commands.ts';
import type { SuspensionCommand } from './suspension.ts';

/**
 * What is asked of a partition. A command may be refused; an event is a fact. Which partition a command belongs to is
 * said by `partitionOfCommand` (routing.ts).
 */
export type Command =
  | Deploy
  | StartInstance
  | CancelInstance
  | UpdateVariables
  | CompleteJob
  | FailJob
  | ThrowJobError
  | ReceiveReply
  | ClaimTask
  | UnclaimTask
  | UpdateTask
  | CompleteTask
  | ExecuteAction
  | ActivateElements
  | ResolveIncident
  | Continue
  | OperationCommand
  | BatchCommand
  | MessageCommand
  | SignalCommand
  | SuspensionCommand
  | EvaluateConditions;

export type CommandKind = Command['kind'];
export type CommandOf<Kind extends CommandKind> = Extract<Command, { kind: Kind }>;

export interface CommandEnvelope extends Cause {
  readonly version: 1;
  /** Messages and signals by which a way that has not waited for long goes round: what its incident names. */
  readonly via?: readonly string[];
}

/**
 * All resources or none. Partition 0 gives each process, decision and form a version, unless the digest of its resource is that of
 * the latest version.
 */
export interface Deploy extends CommandEnvelope {
  readonly kind: 'deploy';
  readonly resources: readonly ResourceToDeploy[];
}

export type ResourceToDeploy = ProcessResource | DecisionResource | FormResource;

interface Resource {
  /** The name of its file. */
  readonly name: string;
  /** The text as it was sent. */
  readonly content: string;
  /** A cryptographic digest of the text, hex. */
  readonly digest: string;
}

export interface ProcessResource extends Resource {
  readonly kind: 'bpmn';
  readonly processes: readonly ProcessToDeploy[];
}

/** Decisions of one file are versioned together, because they require each other. */
export interface DecisionResource extends Resource {
  readonly kind: 'dmn';
  readonly graphId: string;
  readonly decisions: readonly { readonly decisionId: string; readonly name?: string }[];
  /** The `DecisionModel` of libs/dmn; opaque here because this lib does not know DMN. */
  readonly model: object;
  /** The texts of the files that it imports, which are parts of the model and count for the digest; absent when there are none. */
  readonly imported?: readonly string[];
}

/** A form is the JSON it was sent as; who shows it gives it a meaning. */
export interface FormResource extends Resource {
  readonly kind: 'form';
  readonly formId: string;
}

export interface ProcessToDeploy {
  readonly processId: string;
  readonly name?: string;
  /** The `ExecutableProcess` of libs/bpmn; opaque here because this lib does not know BPMN. */
  readonly model: object;
}

export interface StartInstance extends CommandEnvelope {
  readonly kind: 'startInstance';
  /** Chosen by the sender; its partition receives the command. */
  readonly instanceId: InstanceId;
  readonly processId: string;
  /** Without it, the latest version. */
  readonly definitionVersion?: number;
  /** Without it, the none start event of the process. */
  readonly startEventId?: string;
  readonly businessKey?: string;
  /** What whoever starts it calls the flow that it belongs to; the engine shows it and knows no more of it. */
  readonly flowName?: string;
  readonly variables: Variables;
  /** The id derives from an idempotency key: remember it beyond the end of the instance. */
  readonly remember?: boolean;
  /** Started by a record: the confirmation (or refusal) goes there. */
  readonly reply?: ReplyTo;
  /** Started by a message: the lock that its end releases. */
  readonly message?: { readonly name: string; readonly correlationKey: string };
  /** Called by a call activity. */
  readonly parent?: Parent;
  /** Elements that the token has passed by then without waiting anywhere. */
  readonly hops?: number;
  /** The instance ends by then, whatever it still does; instead of what the model says. */
  readonly expiresAfterMs?: number;
}

export interface CancelInstance extends CommandEnvelope {
  readonly kind: 'cancelInstance';
  readonly instanceId: InstanceId;
  /** The engine to itself: the call activity that called the instance has ended. */
  readonly byCaller?: true;
  readonly reason?: string;
}

/** A person mends the input of what failed. Variables go to the scope named, otherwise to the instance. */
export interface UpdateVariables extends CommandEnvelope {
  readonly kind: 'updateVariables';
  readonly instanceId: InstanceId;
  /** An element key: sets the variables local to that element. */
  readonly scopeKey?: Key;
  readonly variables: Variables;
}

/** Accepted from any attempt: the work was done. */
export interface CompleteJob extends CommandEnvelope {
  readonly kind: 'completeJob';
  readonly instanceId: InstanceId;
  readonly jobKey: Key;
  readonly variables: Variables;
  /** Of the job of an ad-hoc sub-process. */
  readonly adHoc?: AdHocResult;
}

/** A technical failure, accepted from the current attempt alone. */
export interface FailJob extends CommandEnvelope {
  readonly kind: 'failJob';
  readonly instanceId: InstanceId;
  readonly jobKey: Key;
  readonly attempt: number;
  readonly message: string;
  /** Delays the retry by this instead of the engine's own back-off. */
  readonly retryAfterMs?: number;
  /** What is left, if the plugin says so; otherwise one less than before. 0 raises the incident at once. */
  readonly retries?: number;
}

/** A BPMN error, accepted from the current attempt alone: caught by a boundary event, or an incident. */
export interface ThrowJobError extends CommandEnvelope {
  readonly kind: 'throwJobError';
  readonly instanceId: InstanceId;
  readonly jobKey: Key;
  readonly attempt: number;
  readonly code: string;
  readonly message?: string;
  readonly variables?: Variables;
}

/** A reply without a job key: goes to the receive node of the instance that waits on the topic. */
export interface ReceiveReply extends CommandEnvelope {
  readonly kind: 'receiveReply';
  readonly instanceId: InstanceId;
  /** As the model names it: without the namespace. */
  readonly topic: string;
  readonly value: unknown;
  /** The action whose callback it is. When none waits, it is for the receive node. */
  readonly callbackFor?: string;
  /** The node of that action, and its token, as far as the sender has copied them. */
  readonly elementId?: string;
  readonly elementKey?: Key;
}

/** The key of a user task is the key of its element instance, which REST calls token id. */
export interface ClaimTask extends CommandEnvelope {
  readonly kind: 'claimTask';
  readonly taskKey: Key;
  readonly assignee: string;
}

export interface UnclaimTask extends CommandEnvelope {
  readonly kind: 'unclaimTask';
  readonly taskKey: Key;
}

/** Whoever has the task, it is as this says from now on. */
export interface UpdateTask extends CommandEnvelope {
  readonly kind: 'updateTask';
  readonly taskKey: Key;
  readonly changes: TaskChanges;
}

/** What is absent stays; null takes away. */
export interface TaskChanges {
  readonly assignee?: string | null;
  readonly candidateGroups?: readonly string[];
  readonly candidateUsers?: readonly string[];
  /** ISO 8601, as the model gives them. */
  readonly dueDate?: string | null;
  readonly followUpDate?: string | null;
  readonly priority?: number | null;
}

export interface CompleteTask extends CommandEnvelope {
  readonly kind: 'completeTask';
  readonly taskKey: Key;
  readonly variables: Variables;
}

/** Acts on a token: the manual actions of its node, and `complete` of a user task. */
export interface ExecuteAction extends CommandEnvelope {
  readonly kind: 'executeAction';
  readonly instanceId: InstanceId;
  readonly elementKey: Key;
  readonly action: string;
  readonly variables: Variables;
}

/** Begins elements of a running ad-hoc sub-process, all or none. */
export interface ActivateElements extends CommandEnvelope {
  readonly kind: 'activateElements';
  readonly instanceId: InstanceId;
  /** The ad-hoc sub-process: its token. */
  readonly elementKey: Key;
  readonly elementIds: readonly string[];
  /** Set in the ad-hoc sub-process before. */
  readonly variables?: Variables;
}

/** Tries the failed step again with the variables as they are now. */
export interface ResolveIncident extends CommandEnvelope {
  readonly kind: 'resolveIncident';
  readonly incidentKey: Key;
  /** New retries for a job; otherwise as many as the model gives it. */
  readonly retries?: number;
}

/** Starts an instance of each process whose conditional start event is fulfilled by the variables; they become its own. */
export interface EvaluateConditions extends CommandEnvelope {
  readonly kind: 'evaluateConditions';
  /** Only this process. */
  readonly processId?: string;
  readonly variables: Variables;
}

/** The engine to itself: goes on with what the last step left over, so that no step runs unboundedly long. */
export interface Continue extends CommandEnvelope {
  readonly kind: 'continue';
  readonly instanceId: InstanceId;
  /** Closes more of what this scope holds. Without it: moves on the tokens put down, or ends more of the instance. */
  readonly scopeKey?: Key;
  /** Elements passed by then without waiting for anything outside. */
  readonly hops?: number;
}

export type { DefinitionKey };
