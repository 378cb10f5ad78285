import type { ScramMechanism } from '@millrace/sasl';
import { assert, type Clock, messageOf } from '@millrace/std';
import { type ErrorName, errors } from '@millrace/wire';
import { BrokerError } from '../errors.ts';
import type { BrokerConfig, BrokerLimits, BrokerLogger } from '../options.ts';
import { Access } from './access.ts';
import type { Acl } from './acl.ts';
import { AclTable } from './acl-table.ts';
import { Authorizer } from './authorizer.ts';
import { Credentials, type ScramUser } from './credentials.ts';
import type { SaslExchange, SaslMechanism } from './sasl-mechanism.ts';
import { OAuthBearerVerifier } from './sasl-oauth-bearer.ts';
import { plainExchange, scramExchange } from './sasl-passwords.ts';
import { SecurityStore } from './security-store.ts';
import type { Peer } from './session.ts';

/** Who connects without saying who it is. */
export const ANONYMOUS = 'User:ANONYMOUS';

interface Refusal {
  readonly error: ErrorName;
  readonly message: string;
}

/** What the log gets of a name that somebody claims to have. */
const NAME_LENGTH_MAX = 100;

/** What the broker knows of users and rules, and who may do what because of it. */
export class Security {
  readonly clock: Clock;
  readonly limits: BrokerLimits;
  /** Null: everybody may do everything. */
  readonly authorizer: Authorizer | null;
  readonly credentials: Credentials;
  readonly #acls: AclTable;
  readonly #store: SecurityStore;
  readonly #logger: BrokerLogger;
  readonly #maxReauthMs: number;
  readonly #bearer: OAuthBearerVerifier | null;

  /** @throws BrokerError when a listener wants what the options do not give */
  static async open(config: BrokerConfig): Promise<Security> {
    const store = new SecurityStore(config.disk, config.dataDirectory);
    const credentials = await Credentials.open(store.stored.scramUsers, config.authentication.users);
    return new Security(config, store, credentials);
  }

  private constructor(config: BrokerConfig, store: SecurityStore, credentials: Credentials) {
    const { authorization, authentication, clock, limits, logger } = config;
    this.clock = clock;
    this.limits = limits;
    this.credentials = credentials;
    this.#store = store;
    this.#acls = new AclTable(store.stored.acls);
    this.#logger = logger;
    this.#maxReauthMs = authentication.maxReauthMs;
    this.#bearer = bearerOf(config);
    this.authorizer = authorization === null ? null : new Authorizer({ ...authorization, acls: this.#acls });
  }

  accessOf(principal: string, host: string): Access {
    return new Access({ principal, host }, this.authorizer, this.#logger);
  }

  exchangeOf(mechanism: SaslMechanism): SaslExchange {
    if (mechanism === 'PLAIN') return plainExchange(this.credentials);
    if (mechanism !== 'OAUTHBEARER') return scramExchange(mechanism, this.credentials);
    assert(this.#bearer !== null, 'expected a verifier of bearer tokens where they are enabled');
    return this.#bearer.exchange();
  }

  /** How long a proof counts from now: until its token expires, and not longer than sessions may last at all. */
  lifetimeMsOf(expiresAtMs = Infinity): number {
    const longest = this.#maxReauthMs === 0 ? Infinity : this.#maxReauthMs;
    return Math.min(longest, expiresAtMs - this.clock.now());
  }

  /** A line of the audit log: somebody did not prove who it is (A7). */
  refused(peer: Peer, found: { mechanism?: string; user?: string | undefined }, problem: string): void {
    const { mechanism, user } = found;
    const fields = {
      audit: true,
      ...(user === undefined ? {} : { principal: `User:${user.slice(0, NAME_LENGTH_MAX)}` }),
      host: peer.host,
      peer: peer.name,
      ...(mechanism === undefined ? {} : { mechanism: mechanism.slice(0, NAME_LENGTH_MAX) }),
    };
    this.#logger.warn(fields, `authentication refused: ${problem}`);
  }

  acls(): Acl[] {
    return this.#acls.all();
  }

  /** Adds rules durably, all or none; those that are there already count as added. */
  addAcls(acls: readonly Acl[]): Refusal | null {
    const { aclsMax } = this.limits;
    const added = new AclTable(acls.filter((acl) => !this.#acls.has(acl)));
    const count = this.#acls.count + added.count;
    if (count > aclsMax) {
      return { error: 'POLICY_VIOLATION', message: `expected at most ${aclsMax} access rules, found ${count}` };
    }
    if (added.count === 0) return null;
    const failure = this.#write({ acls: [...this.#acls.all(), ...added.all()] });
    if (failure === null) for (const acl of added.all()) this.#acls.add(acl);
    return failure;
  }

  deleteAcls(acls: readonly Acl[]): Refusal | null {
    const deleted = new AclTable(acls);
    if (deleted.count === 0) return null;
    const failure = this.#write({ acls: this.#acls.all().filter((acl) => !deleted.has(acl)) });
    if (failure === null) for (const acl of deleted.all()) this.#acls.delete(acl);
    return failure;
  }

  /** Sets and removes credentials durably, all or none. */
  changeScramUsers(
    set: readonly ScramUser[],
    removed: readonly { user: string; mechanism: ScramMechanism }[],
  ): Refusal | null {
    const { scramCredentialsMax } = this.limits;
    if (set.length + removed.length === 0) return null;
    const next = this.credentials.changed(set, removed);
    if (next.length > scramCredentialsMax) {
      const message = `expected at most ${scramCredentialsMax} credentials, found ${next.length}`;
      return { error: 'POLICY_VIOLATION', message };
    }
    const failure = this.#write({ scramUsers: next });
    if (failure === null) this.credentials.replace(next);
    return failure;
  }

  #write(change: Parameters<SecurityStore['replace']>[0]): Refusal | null {
    try {
      this.#store.replace(change);
      return null;
    } catch (error) {
      this.#logger.error({ error: messageOf(error) }, 'access rules and credentials could not be written');
      return { error: 'KAFKA_STORAGE_ERROR', message: errors.KAFKA_STORAGE_ERROR.message };
    }
  }
}

function bearerOf({ authentication: { oauthBearer }, listeners, clock }: BrokerConfig): OAuthBearerVerifier | null {
  if (oauthBearer !== null) {
    try {
      return new OAuthBearerVerifier(oauthBearer, clock);
    } catch (error) {
      const message = `expected the keys of the issuer at ${oauthBearer.jwks}: ${messageOf(error)}`;
      throw new BrokerError('AUTHENTICATION_UNUSABLE', message, { cause: error });
    }
  }
  if (!listeners.some(({ sasl }) => sasl?.mechanisms.includes('OAUTHBEARER'))) return null;
  throw new BrokerError('AUTHENTICATION_UNUSABLE', 'expected an issuer of tokens beside OAUTHBEARER, found none');
}
