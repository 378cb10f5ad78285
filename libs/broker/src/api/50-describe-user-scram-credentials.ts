import { scramMechanisms } from '@millrace/sasl';
import { apis, errors } from '@millrace/wire';
import { handler } from '../handler.ts';
import { clusterResource } from '../security/acl.ts';
import type { ScramUser } from '../security/credentials.ts';

/**
 * DescribeUserScramCredentials 0: which users have credentials, and with how many iterations; never the credentials. Takes
 * DESCRIBE on the cluster. Users that the broker's options define are not in it: the admin API does not change them.
 */
export const describeUserScramCredentials = handler(apis.describeUserScramCredentials, (parts, request, exchange) => {
  if (!exchange.access.may('DESCRIBE', clusterResource)) {
    const { code: errorCode, message: errorMessage } = errors.CLUSTER_AUTHORIZATION_FAILED;
    exchange.reply({ errorCode, errorMessage, results: [] });
    return;
  }
  const byUser = Map.groupBy(parts.security.credentials.stored(), ({ user }) => user);
  const asked = request.users?.map(({ name }) => name) ?? [];
  const all = asked.length === 0;
  const results = Array.from(new Set(all ? byUser.keys() : asked), (user) => {
    const found = byUser.get(user);
    const isTwice = asked.indexOf(user) !== asked.lastIndexOf(user);
    if (isTwice) return refused(user, errors.DUPLICATE_RESOURCE.code, `expected "${user}" once in the request`);
    if (found === undefined)
      return refused(user, errors.RESOURCE_NOT_FOUND.code, `expected "${user}" to have a credential`);
    return { user, errorCode: errors.NONE.code, credentialInfos: found.map(infoOf) };
  });
  exchange.reply({ errorCode: errors.NONE.code, results });
});

function infoOf({ mechanism, credential }: ScramUser) {
  return { mechanism: scramMechanisms[mechanism].code, iterations: credential.iterations };
}

function refused(user: string, errorCode: number, errorMessage: string) {
  return { user, errorCode, errorMessage, credentialInfos: [] };
}
