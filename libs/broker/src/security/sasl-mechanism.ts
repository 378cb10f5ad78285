import type { ScramMechanism } from '@millrace/sasl';

export type SaslMechanism = 'PLAIN' | ScramMechanism | 'OAUTHBEARER';

/** What a token of the client leads to. */
export type SaslStep =
  | { readonly kind: 'challenge'; readonly bytes: Buffer }
  | {
      readonly kind: 'proven';
      readonly bytes: Buffer;
      readonly user: string;
      /** When the proof ends, in ms since the epoch; undefined when it does not. */
      readonly expiresAtMs?: number;
    }
  /** `problem` is for the log: it names no secret, and the client does not get it. */
  | { readonly kind: 'unproven'; readonly problem: string; readonly user?: string };

/** One exchange: takes each token of the client in turn. */
export type SaslExchange = (token: Buffer) => Promise<SaslStep>;

const NOTHING = Buffer.alloc(0);

export function proven(user: string, rest: { bytes?: Buffer; expiresAtMs?: number } = {}): SaslStep {
  return { kind: 'proven', user, bytes: NOTHING, ...rest };
}

export function unproven(problem: string, user?: string): SaslStep {
  return { kind: 'unproven', problem, ...(user === undefined ? {} : { user }) };
}
