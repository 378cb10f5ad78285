import { credentialOf, ITERATIONS_MIN, type ScramMechanism, scramMechanisms } from '@millrace/sasl';
import { apis, type ErrorName, errors, type Request } from '@millrace/wire';
import { handler } from '../handler.ts';
import type { Parts } from '../parts.ts';
import { clusterResource } from '../security/acl.ts';
import type { ScramUser } from '../security/credentials.ts';

/** As in Kafka; more would cost whoever proves itself, and us when it does so by PLAIN. */
const ITERATIONS_MAX = 16_384;
const NAME_LENGTH_MAX = 1_024;
const SALT_BYTES_MAX = 1_024;

/**
 * AlterUserScramCredentials 0: sets and removes credentials, durably. Takes ALTER on the cluster. A user of which anything is
 * refused is left as it is; the other users of the request are changed together. Who is connected stays so.
 *
 * Deviation: a user that the broker's options define is refused with UNACCEPTABLE_CREDENTIAL.
 */
export const alterUserScramCredentials = handler(apis.alterUserScramCredentials, (parts, request, exchange) => {
  const { deletions, upsertions } = request;
  const users = [...new Set([...deletions, ...upsertions].map(({ name }) => name))];
  const isAllowed = exchange.access.may('ALTER', clusterResource);
  const refusals = new Map(
    users.map((user): [string, Refusal | null] => {
      if (!isAllowed) return [user, { error: 'CLUSTER_AUTHORIZATION_FAILED' }];
      return [user, refusalOf(parts, user, request)];
    }),
  );
  const isFine = ({ name }: { readonly name: string }): boolean => refusals.get(name) === null;
  const failure = parts.security.changeScramUsers(
    upsertions.filter(isFine).map(scramUserOf),
    deletions.filter(isFine).map(({ name, mechanism }) => ({ user: name, mechanism: mechanismOf(mechanism) ?? FIRST })),
  );
  const results = users.map((user) => {
    const refusal = refusals.get(user) ?? failure;
    if (refusal === null) return { user, errorCode: errors.NONE.code };
    const { code: errorCode, message } = errors[refusal.error];
    return { user, errorCode, errorMessage: refusal.message ?? message };
  });
  exchange.reply({ results });
});

const FIRST: ScramMechanism = 'SCRAM-SHA-256';

interface Refusal {
  readonly error: ErrorName;
  readonly message?: string;
}

type Alteration = Request<typeof apis.alterUserScramCredentials>;
type Upsertion = Alteration['upsertions'][number];

function refusalOf(
  { security: { credentials } }: Parts,
  user: string,
  { deletions, upsertions }: Alteration,
): Refusal | null {
  const removed = deletions.filter(({ name }) => name === user);
  const set = upsertions.filter(({ name }) => name === user);
  const mechanisms = [...removed, ...set].map(({ mechanism }) => mechanism);
  if (user === '' || user.length > NAME_LENGTH_MAX) {
    return unacceptable(`expected a name of 1 to ${NAME_LENGTH_MAX} characters, found ${user.length}`);
  }
  if (credentials.isConfigured(user))
    return unacceptable(`expected "${user}" not to be defined by the broker's options`);
  const unknown = mechanisms.find((code) => mechanismOf(code) === undefined);
  if (unknown !== undefined) {
    const message = `expected mechanism 1 (SCRAM-SHA-256) or 2 (SCRAM-SHA-512), found ${unknown}`;
    return { error: 'UNSUPPORTED_SASL_MECHANISM', message };
  }
  if (new Set(mechanisms).size < mechanisms.length) {
    return { error: 'DUPLICATE_RESOURCE', message: `expected each mechanism of "${user}" once in the request` };
  }
  if (removed.some(({ mechanism }) => !credentials.isStored(user, mechanismOf(mechanism) ?? FIRST))) {
    return { error: 'RESOURCE_NOT_FOUND', message: `expected "${user}" to have the credential` };
  }
  for (const one of set) {
    const problem = problemOf(one);
    if (problem !== null) return unacceptable(problem);
  }
  return null;
}

function problemOf({ mechanism, iterations, salt, saltedPassword }: Upsertion): string | null {
  const { bytes } = scramMechanisms[mechanismOf(mechanism) ?? FIRST];
  if (iterations < ITERATIONS_MIN || iterations > ITERATIONS_MAX) {
    return `expected ${ITERATIONS_MIN} to ${ITERATIONS_MAX} iterations, found ${iterations}`;
  }
  if (salt.length === 0 || salt.length > SALT_BYTES_MAX) {
    return `expected 1 to ${SALT_BYTES_MAX} bytes of salt, found ${salt.length}`;
  }
  if (saltedPassword.length !== bytes) return `expected a hash of ${bytes} bytes, found ${saltedPassword.length}`;
  return null;
}

function unacceptable(message: string): Refusal {
  return { error: 'UNACCEPTABLE_CREDENTIAL', message };
}

/** K1 of libs/sasl: the salted password is not kept. */
function scramUserOf({ name, mechanism: code, iterations, salt, saltedPassword }: Upsertion): ScramUser {
  const mechanism = mechanismOf(code) ?? FIRST;
  const parameters = { salt: salt.toString('base64'), iterations };
  return { user: name, mechanism, credential: credentialOf(mechanism, saltedPassword, parameters) };
}

function mechanismOf(code: number): ScramMechanism | undefined {
  return (Object.keys(scramMechanisms) as ScramMechanism[]).find((one) => scramMechanisms[one].code === code);
}
