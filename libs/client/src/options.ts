import type { Clock, Random } from '@millrace/std';
import type { SaslOptions } from './authentication.ts';

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

/** TLS, as `node:tls` has it. Without `ca` the broker's certificate must come from an authority that Node trusts. */
export interface TlsOptions {
  /** PEM: the authorities that may have issued the broker's certificate. */
  readonly ca?: string | Buffer;
  /** PEM: our own certificate and key, for a broker that asks for one. */
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly passphrase?: string;
  /** The name in the broker's certificate, where that is not the host of its address. */
  readonly servername?: string;
}

export interface ClientOptions {
  /** Where to ask for the cluster first: `host:port`. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** Encrypts every connection; `{}` with all defaults. */
  readonly tls?: TlsOptions;
  readonly sasl?: SaslOptions;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly limits?: Partial<ClientLimits>;
}

/** What every part of the client works with. */
export interface Environment {
  readonly clientId: string;
  readonly tls?: TlsOptions | undefined;
  readonly sasl?: SaslOptions | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly limits: ClientLimits;
}
