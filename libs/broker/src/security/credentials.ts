import { createHmac, randomBytes } from 'node:crypto';
import {
  credentialOf,
  isPassword,
  ITERATIONS_MIN,
  saltPassword,
  type ScramCredential,
  type ScramMechanism,
  scramMechanisms,
} from '@millrace/sasl';

export interface ScramUser {
  readonly user: string;
  readonly mechanism: ScramMechanism;
  readonly credential: ScramCredential;
}

const SALT_BYTES = 24;
const mechanismsByStrength = ['SCRAM-SHA-512', 'SCRAM-SHA-256'] as const;

/**
 * The users with a password: those of the options, whom nothing changes, and those of the admin API.
 *
 * A8. Asking about a user gets answers of the same kind, after as much work, whether or not it is there. A user that is not
 *     looks like one of those that are, always the same: with its number of iterations, and a salt as long.
 */
export class Credentials {
  #stored = new Map<string, ScramUser>();
  readonly #configured: ReadonlyMap<string, ScramCredential>;
  /** Makes salts for users that are not there, which stay the same as long as the process lives. */
  readonly #secret = randomBytes(SALT_BYTES);
  /** Deriving keys takes the threads that also sync the log: one at a time, so that guessing passwords holds up nobody. */
  #lastDerivation: Promise<unknown> = Promise.resolve();

  private constructor(stored: readonly ScramUser[], configured: ReadonlyMap<string, ScramCredential>) {
    this.#configured = configured;
    this.replace(stored);
  }

  /** @param users name → password */
  static async open(stored: readonly ScramUser[], users: Readonly<Record<string, string>>): Promise<Credentials> {
    const configured = new Map<string, ScramCredential>();
    for (const [user, password] of Object.entries(users)) {
      for (const mechanism of mechanismsByStrength) {
        const parameters = { salt: randomBytes(SALT_BYTES).toString('base64'), iterations: ITERATIONS_MIN };
        const salted = await saltPassword(mechanism, password, parameters);
        configured.set(keyOf(mechanism, user), credentialOf(mechanism, salted, parameters));
      }
    }
    return new Credentials(stored, configured);
  }

  /** Whether the options define the user. */
  isConfigured(user: string): boolean {
    return this.#configured.has(keyOf('SCRAM-SHA-256', user));
  }

  /** Those of the admin API. */
  stored(): ScramUser[] {
    return [...this.#stored.values()];
  }

  isStored(user: string, mechanism: ScramMechanism): boolean {
    return this.#stored.has(keyOf(mechanism, user));
  }

  /** What those of the admin API would be with this change. */
  changed(
    set: readonly ScramUser[],
    removed: readonly { readonly user: string; readonly mechanism: ScramMechanism }[],
  ): ScramUser[] {
    const next = new Map(this.#stored);
    for (const { user, mechanism } of removed) next.delete(keyOf(mechanism, user));
    for (const one of set) next.set(keyOf(one.mechanism, one.user), one);
    return [...next.values()];
  }

  replace(stored: readonly ScramUser[]): void {
    this.#stored = new Map(stored.map((one) => [keyOf(one.mechanism, one.user), one]));
  }

  /** For a user that is not there one that no password fits (A8). */
  find(mechanism: ScramMechanism, user: string): ScramCredential {
    return this.#lookUp(mechanism, user) ?? this.#standIn(mechanism, user);
  }

  /** Checks the password against the strongest credential of the user. */
  async hasPassword(user: string, password: string): Promise<boolean> {
    const mechanism = mechanismsByStrength.find((one) => this.#lookUp(one, user) !== undefined) ?? 'SCRAM-SHA-512';
    const credential = this.find(mechanism, user);
    const derivation = this.#lastDerivation.then(() => isPassword(mechanism, password, credential));
    this.#lastDerivation = derivation.catch(() => {});
    return derivation;
  }

  #lookUp(mechanism: ScramMechanism, user: string): ScramCredential | undefined {
    const key = keyOf(mechanism, user);
    return this.#configured.get(key) ?? this.#stored.get(key)?.credential;
  }

  #standIn(mechanism: ScramMechanism, user: string): ScramCredential {
    const chance = createHmac('sha512', this.#secret).update(keyOf(mechanism, user)).digest();
    const models = this.#allOf(mechanism);
    const model = models[chance.readUInt32BE(chance.length - 4) % Math.max(models.length, 1)];
    const saltBytes = model === undefined ? SALT_BYTES : Buffer.from(model.salt, 'base64').length;
    const key = randomBytes(scramMechanisms[mechanism].bytes).toString('base64');
    return {
      salt: chance.subarray(0, saltBytes).toString('base64'),
      iterations: model?.iterations ?? ITERATIONS_MIN,
      storedKey: key,
      serverKey: key,
    };
  }

  #allOf(mechanism: ScramMechanism): ScramCredential[] {
    const isOf = (key: string): boolean => key.startsWith(`${mechanism}/`);
    const configured = Array.from(this.#configured).flatMap(([key, one]) => (isOf(key) ? [one] : []));
    return [...configured, ...Array.from(this.#stored).flatMap(([key, one]) => (isOf(key) ? [one.credential] : []))];
  }
}

function keyOf(mechanism: ScramMechanism, user: string): string {
  return `${mechanism}/${user}`;
}
