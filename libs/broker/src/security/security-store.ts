import { join } from 'node:path';
import { LogDirectoryError, readSealed, replaceSealed } from '@millrace/log';
import { assert, type Disk } from '@millrace/std';
import type { Acl } from './acl.ts';
import type { ScramUser } from './credentials.ts';

/** Everything about users and rules that the admin API changes. */
export interface StoredSecurity {
  readonly acls: readonly Acl[];
  readonly scramUsers: readonly ScramUser[];
}

const VERSION = 1;

/**
 * Access rules and credentials, in one file of the data directory beside the topics. It is no topic: what a consumer could
 * be allowed to read must never hold them.
 *
 * A change is on the device before anybody is told of it, or acts by it; after a crash it is there whole or not at all.
 */
export class SecurityStore {
  readonly #disk: Disk;
  readonly #path: string;
  #stored: StoredSecurity;

  constructor(disk: Disk, directory: string) {
    this.#disk = disk;
    this.#path = join(directory, 'security');
    this.#stored = this.#read();
  }

  get stored(): StoredSecurity {
    return this.#stored;
  }

  /** @throws what the disk throws; then nothing has changed */
  replace(change: Partial<StoredSecurity>): void {
    const next = { ...this.#stored, ...change };
    replaceSealed(this.#disk, this.#path, { version: VERSION, ...next }, { isPrivate: true });
    this.#stored = next;
  }

  #read(): StoredSecurity {
    const sealed = readSealed(this.#disk, this.#path);
    if (sealed === undefined) return { acls: [], scramUsers: [] };
    // Going on without the denials that it holds would open what somebody closed.
    if (sealed === 'damaged') {
      throw new LogDirectoryError('METADATA_DAMAGED', `expected ${this.#path} to be whole`);
    }
    const { version, acls, scramUsers } = sealed.content as StoredSecurity & { readonly version: number };
    assert(version === VERSION, `expected ${this.#path} in version ${VERSION}, found ${version}`);
    return { acls, scramUsers };
  }
}
