import { assert } from '@millrace/std';
import { apis, type ErrorName } from '@millrace/wire';
import type { Access } from './access.ts';
import type { SaslExchange, SaslMechanism, SaslStep } from './sasl-mechanism.ts';
import { ANONYMOUS, type Security } from './security.ts';

export interface Peer {
  readonly host: string;
  /** Host and port, for the log. */
  readonly name: string;
}

export type Authentication =
  | { readonly kind: 'goesOn'; readonly bytes: Buffer; readonly sessionLifetimeMs: number }
  | Refused;

interface Refused {
  readonly kind: 'refused';
  readonly error: ErrorName;
  /** The connection ends with the answer (N4). */
  readonly isFinal: boolean;
}

/** What may be asked before it is known who asks. */
const beforeAuthentication: ReadonlySet<number> = new Set([
  apis.apiVersions.key,
  apis.saslHandshake.key,
  apis.saslAuthenticate.key,
]);

/**
 * Who is at the other end of one connection, and until when.
 *
 * N1. Until a client of a SASL listener is known, nothing but ApiVersions, SaslHandshake and SaslAuthenticate is answered;
 *     anything else closes the connection.
 * N2. While a token is checked no other request is started (`isBusy`): what follows is judged by the outcome.
 * N3. A session that has a lifetime ends with it: a connection that has not proven itself again by then is closed (KIP-368).
 *     Proving itself as somebody else, or by other means, is refused.
 * N4. A failed proof is the last thing that happens on a connection.
 */
export class Session {
  readonly #security: Security;
  readonly #peer: Peer;
  /** Null where nobody has to say who it is, beyond its certificate. */
  readonly #mechanisms: readonly SaslMechanism[] | null;
  /** By the monotonic clock: to be known by then. */
  readonly #dueAt: number;
  #access: Access;
  #isBusy = false;
  #hasFailed = false;
  #exchange: { readonly mechanism: SaslMechanism; readonly takes: SaslExchange; readonly isRaw: boolean } | null = null;
  /** By the monotonic clock, `untilMs`. */
  #known: { readonly mechanism: SaslMechanism; readonly untilMs: number } | null = null;

  constructor(security: Security, peer: Peer, mechanisms: readonly SaslMechanism[] | null, principal = ANONYMOUS) {
    this.#security = security;
    this.#peer = peer;
    this.#mechanisms = mechanisms;
    this.#access = security.accessOf(principal, peer.host);
    this.#dueAt = security.clock.monotonic() + security.limits.authenticationTimeoutMs;
  }

  get access(): Access {
    return this.#access;
  }

  /** Those that are enabled here. */
  get mechanisms(): readonly SaslMechanism[] {
    return this.#mechanisms ?? [];
  }

  get isBusy(): boolean {
    // N4.
    return this.#isBusy || this.#hasFailed;
  }

  /** Whether the next frame is a bare token: SaslHandshake 0 knew no other way. */
  get takesRawToken(): boolean {
    return this.#exchange?.isRaw === true;
  }

  /** Who is unknown does not get to fill our memory. */
  get frameBytesMax(): number {
    const { requestBytesMax, saslTokenBytesMax } = this.#security.limits;
    return this.#isAdmitted() ? requestBytesMax : saslTokenBytesMax;
  }

  /** Why a request must not be worked on, and the connection ends; null when it may (N1, N3). */
  refusalOf(apiKey: number, apiName: string): string | null {
    if (this.#isAdmitted() || beforeAuthentication.has(apiKey)) return null;
    const problem = `expected authentication ${this.#known === null ? 'first' : 'anew'}, found ${apiName}`;
    this.#security.refused(this.#peer, {}, problem);
    return problem;
  }

  /** Why the connection must end by now; null when it need not. */
  overdue(now: number): string | null {
    if (this.#mechanisms === null) return null;
    if (this.#known !== null)
      return now > this.#known.untilMs ? 'expected authentication before the session ended' : null;
    const { authenticationTimeoutMs } = this.#security.limits;
    return now > this.#dueAt ? `expected authentication within ${authenticationTimeoutMs} ms` : null;
  }

  handshake(mechanism: string, version: number): { readonly error: ErrorName; readonly isFinal: boolean } {
    if (this.#mechanisms === null) return { error: 'ILLEGAL_SASL_STATE', isFinal: false };
    const enabled = this.#mechanisms.find((one) => one === mechanism);
    if (enabled === undefined) {
      return { ...this.#fail('UNSUPPORTED_SASL_MECHANISM', 'expected a mechanism that is enabled', { mechanism }) };
    }
    // N3. Bare tokens cannot tell the client how long it is known, so they cannot prove it anew.
    const isSame = this.#known === null || (this.#known.mechanism === mechanism && version > 0);
    if (this.#exchange !== null || !isSame) {
      return this.#fail('ILLEGAL_SASL_STATE', 'expected one exchange, of the mechanism of before', { mechanism });
    }
    this.#exchange = { mechanism: enabled, takes: this.#security.exchangeOf(enabled), isRaw: version === 0 };
    return { error: 'NONE', isFinal: false };
  }

  /** Takes the next token (N2). */
  async authenticate(token: Buffer): Promise<Authentication> {
    if (this.#mechanisms === null) return { kind: 'refused', error: 'ILLEGAL_SASL_STATE', isFinal: false };
    const exchange = this.#exchange;
    if (exchange === null)
      return this.#fail('ILLEGAL_SASL_STATE', 'expected SaslHandshake before SaslAuthenticate', {});
    assert(!this.#isBusy, 'expected one token at a time');
    this.#isBusy = true;
    const step = await exchange.takes(token);
    this.#isBusy = false;
    if (step.kind === 'challenge') return { kind: 'goesOn', bytes: step.bytes, sessionLifetimeMs: 0 };
    this.#exchange = null;
    const { mechanism } = exchange;
    const failed = (problem: string): Refused =>
      this.#fail('SASL_AUTHENTICATION_FAILED', problem, { mechanism, user: step.user });
    if (step.kind === 'unproven') return failed(step.problem);
    return this.#prove(mechanism, step, failed);
  }

  #prove(
    mechanism: SaslMechanism,
    { user, bytes, expiresAtMs }: Extract<SaslStep, { readonly kind: 'proven' }>,
    failed: (problem: string) => Refused,
  ): Authentication {
    const access = this.#security.accessOf(`User:${user}`, this.#peer.host);
    // N3.
    if (this.#known !== null && access.caller.principal !== this.#access.caller.principal) {
      return failed('expected the user of before');
    }
    const lifetimeMs = this.#security.lifetimeMsOf(expiresAtMs);
    if (lifetimeMs <= 0) return failed('expected a token that has not expired');
    this.#access = access;
    this.#known = { mechanism, untilMs: this.#security.clock.monotonic() + lifetimeMs };
    return { kind: 'goesOn', bytes, sessionLifetimeMs: lifetimeMs === Infinity ? 0 : Math.floor(lifetimeMs) };
  }

  #isAdmitted(): boolean {
    if (this.#mechanisms === null) return true;
    return this.#known !== null && !this.#hasFailed && this.#security.clock.monotonic() <= this.#known.untilMs;
  }

  #fail(error: ErrorName, problem: string, found: { mechanism?: string; user?: string | undefined }): Refused {
    this.#hasFailed = true;
    this.#exchange = null;
    this.#security.refused(this.#peer, found, problem);
    return { kind: 'refused', error, isFinal: true };
  }
}
