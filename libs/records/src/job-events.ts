import type { OfElement } from './events.ts';
import type { Key } from './ids.ts';

export interface JobCreated extends OfElement {
  readonly kind: 'job.created';
  readonly jobKey: Key;
  readonly type: string;
  readonly attempt: number;
  /** Attempts that may still fail before the incident, this one included. */
  readonly retries: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Offered again when this passes without an answer. */
  readonly deadline?: number;
  readonly timeoutMs?: number;
  readonly backoffMs?: number;
}

/** Offered to a plugin again, as a new attempt. */
export interface JobOffered extends OfElement {
  readonly kind: 'job.offered';
  readonly jobKey: Key;
  readonly attempt: number;
  readonly retries: number;
  readonly because: 'retry' | 'deadline' | 'incidentResolved';
  readonly deadline?: number;
}

export interface JobCompleted extends OfElement {
  readonly kind: 'job.completed';
  readonly jobKey: Key;
}

export interface JobFailed extends OfElement {
  readonly kind: 'job.failed';
  readonly jobKey: Key;
  readonly attempt: number;
  readonly retries: number;
  readonly message: string;
  /** When the next attempt is offered; absent when no retries are left. */
  readonly retryAt?: number;
}

export interface JobErrorThrown extends OfElement {
  readonly kind: 'job.errorThrown';
  readonly jobKey: Key;
  readonly attempt: number;
  readonly code: string;
  readonly message?: string;
  /** The boundary event that catches it; absent when nobody does. */
  readonly caughtBy?: string;
}

export interface JobCancelled extends OfElement {
  readonly kind: 'job.cancelled';
  readonly jobKey: Key;
}
