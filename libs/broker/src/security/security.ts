import { messageOf } from '@millrace/std';
import { type ErrorName, errors } from '@millrace/wire';
import type { BrokerConfig, BrokerLogger } from '../options.ts';
import { Access } from './access.ts';
import type { Acl } from './acl.ts';
import { AclTable } from './acl-table.ts';
import { Authorizer } from './authorizer.ts';
import { SecurityStore } from './security-store.ts';

/** Who connects without saying who it is. */
export const ANONYMOUS = 'User:ANONYMOUS';

interface Refusal {
  readonly error: ErrorName;
  readonly message: string;
}

/** What the broker knows of users and rules, and who may do what because of it. */
export class Security {
  /** Null: everybody may do everything. */
  readonly authorizer: Authorizer | null;
  readonly #acls: AclTable;
  readonly #aclsMax: number;
  readonly #store: SecurityStore;
  readonly #logger: BrokerLogger;

  constructor({ authorization, dataDirectory, disk, limits, logger }: BrokerConfig) {
    this.#store = new SecurityStore(disk, dataDirectory);
    this.#acls = new AclTable(this.#store.stored.acls);
    this.#aclsMax = limits.aclsMax;
    this.#logger = logger;
    this.authorizer = authorization === null ? null : new Authorizer({ ...authorization, acls: this.#acls });
  }

  accessOf(principal: string, host: string): Access {
    return new Access({ principal, host }, this.authorizer, this.#logger);
  }

  acls(): Acl[] {
    return this.#acls.all();
  }

  /** Adds rules durably, all or none; those that are there already count as added. */
  addAcls(acls: readonly Acl[]): Refusal | null {
    const added = new AclTable(acls.filter((acl) => !this.#acls.has(acl)));
    const count = this.#acls.count + added.count;
    if (count > this.#aclsMax) {
      return { error: 'POLICY_VIOLATION', message: `expected at most ${this.#aclsMax} access rules, found ${count}` };
    }
    const failure = this.#replaceAcls([...this.#acls.all(), ...added.all()]);
    if (failure === null) for (const acl of added.all()) this.#acls.add(acl);
    return failure;
  }

  deleteAcls(acls: readonly Acl[]): Refusal | null {
    const deleted = new AclTable(acls);
    const failure = this.#replaceAcls(this.#acls.all().filter((acl) => !deleted.has(acl)));
    if (failure === null) for (const acl of deleted.all()) this.#acls.delete(acl);
    return failure;
  }

  #replaceAcls(acls: readonly Acl[]): Refusal | null {
    return acls.length === this.#acls.count ? null : this.#write({ acls });
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
