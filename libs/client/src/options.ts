import type { Clock, Random } from '@millrace/std';

export interface ClientLimits {
  /** How long one request may take, beside what it asks the broker to wait. */
  readonly requestTimeoutMs: number;
  readonly connectTimeoutMs: number;
  /** How long a call is tried again when brokers come and go. */
  readonly retryMs: number;
  readonly backoffMsMin: number;
  readonly backoffMsMax: number;
  readonly responseBytesMax: number;
  /** Metadata older than this is read again before it is used for something new. */
  readonly metadataMaxAgeMs: number;
}

export const defaultLimits: ClientLimits = {
  requestTimeoutMs: 30_000,
  connectTimeoutMs: 5_000,
  retryMs: 30_000,
  backoffMsMin: 5,
  backoffMsMax: 1_000,
  responseBytesMax: 256 * 1024 * 1024,
  metadataMaxAgeMs: 5 * 60_000,
};

export interface ClientOptions {
  /** Where to ask for the cluster first: `host:port`. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly limits?: Partial<ClientLimits>;
}

/** What every part of the client works with. */
export interface Environment {
  readonly clientId: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly limits: ClientLimits;
}
