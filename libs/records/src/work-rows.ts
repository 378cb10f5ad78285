import type { Variables } from './envelope.ts';
import type { DefinitionKey, InstanceId, Key } from './ids.ts';
import type { MessageRef } from './message-commands.ts';

/** Both words of a timer row's key. */
export interface TimerRef {
  readonly timerKey: Key;
  readonly dueAt: number;
}

export interface JobRow {
  readonly jobKey: Key;
  readonly instanceId: InstanceId;
  readonly elementKey: Key;
  readonly elementId: string;
  readonly type: string;
  readonly attempt: number;
  readonly retries: number;
  /** `offered`: a plugin may be at it. `backingOff`: the retry timer runs. `failed`: an incident holds it. */
  readonly phase: 'offered' | 'backingOff' | 'failed';
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  readonly backoffMs?: number;
  /** The retry or deadline timer that runs for it. */
  readonly timer?: TimerRef;
  readonly traceparent?: string;
}

export interface TaskRow {
  readonly instanceId: InstanceId;
  readonly elementKey: Key;
  readonly elementId: string;
  readonly assignee?: string;
}

export interface TimerRow {
  readonly timerKey: Key;
  readonly dueAt: number;
  readonly purpose: TimerPurpose;
}

/** What a due timer means. */
export type TimerPurpose =
  /** A catch event goes on; or the event behind an event-based gateway, which is then the element, is the one. */
  | (TimerOfElement & { readonly kind: 'catch'; readonly eventId?: string })
  /** A boundary event fires. A cycle repeats: `repetitions` counts this firing in, null is without end. */
  | (TimerOfElement & {
      readonly kind: 'boundary';
      readonly boundaryId: string;
      readonly interval?: string;
      readonly repetitions?: number | null;
    })
  /** An event sub-process starts in a scope: `elementKey` is the scope's, `elementId` that of the start event. */
  | (TimerOfElement & {
      readonly kind: 'eventSubProcess';
      readonly interval?: string;
      readonly repetitions?: number | null;
    })
  /** An action has waited long enough; or a cycle comes round, and the action is executed once more. */
  | (TimerOfElement & { readonly kind: 'action'; readonly interval?: string; readonly repetitions?: number | null })
  /** A receive node has waited long enough. */
  | (TimerOfElement & { readonly kind: 'receiveTimeout' })
  | (TimerOfElement & { readonly kind: 'jobRetry'; readonly jobKey: Key })
  | (TimerOfElement & { readonly kind: 'jobDeadline'; readonly jobKey: Key; readonly attempt: number })
  | (MessageRef & { readonly kind: 'messageExpiry' })
  | {
      readonly kind: 'start';
      readonly processId: string;
      readonly definitionKey: DefinitionKey;
      readonly elementId: string;
      readonly interval?: string;
      readonly repetitions?: number | null;
    }
  /** The instance has had its time. */
  | { readonly kind: 'instanceExpiry'; readonly instanceId: InstanceId }
  | { readonly kind: 'forget'; readonly instanceId: InstanceId }
  | { readonly kind: 'forgetSignal'; readonly signalId: string };

interface TimerOfElement {
  readonly instanceId: InstanceId;
  readonly elementKey: Key;
  readonly elementId: string;
}

export type IncidentReason =
  | 'EXPRESSION_FAILED'
  | 'CONDITION_FAILED'
  | 'NO_FLOW_TAKEN'
  | 'IO_MAPPING_FAILED'
  | 'CORRELATION_KEY_INVALID'
  | 'TIMER_INVALID'
  | 'DECISION_FAILED'
  | 'FORM_NOT_FOUND'
  | 'JOB_RETRIES_EXHAUSTED'
  | 'JOB_NOT_ANSWERED'
  | 'JOB_RESULT_INVALID'
  | 'REPLY_NOT_RECEIVED'
  | 'UNHANDLED_ERROR'
  | 'CALLED_PROCESS_NOT_FOUND'
  | 'CALLED_PROCESS_SUSPENDED'
  | 'CALLS_TOO_DEEP'
  | 'VARIABLES_TOO_LARGE'
  | 'MESSAGE_TOO_LARGE'
  | 'ENDLESS_LOOP'
  | 'TOO_MANY_TOKENS';

/**
 * What resolving does: `enter` activates the element again, `leave` maps its result and leaves again, `job` offers the
 * job again, `receive` waits again, `token` moves the token on, `loop` begins the next iteration, `begin` begins the instance
 * at this element, `call` takes the result of the called instance, `listen` asks the listeners of the event again, `none` only closes
 * the incident.
 */
export type IncidentRetry =
  | 'enter'
  | 'leave'
  | 'job'
  | 'receive'
  | 'token'
  | 'loop'
  | 'begin'
  | 'call'
  | 'listen'
  | 'none';

export interface IncidentRow {
  readonly incidentKey: Key;
  readonly instanceId: InstanceId;
  readonly elementId: string;
  readonly elementKey?: Key;
  readonly reason: IncidentReason;
  readonly retry: IncidentRetry;
  readonly jobKey?: Key;
  readonly tokenKey?: Key;
  /** Where the token is, unless at the top level. */
  readonly scopeKey?: Key;
  /** What the event brought that the element could not begin with. */
  readonly brought?: Variables;
}
