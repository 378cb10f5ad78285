import { apis, errors } from '@millrace/wire';
import { handler } from '../handler.ts';
import { clusterResource } from '../security/acl.ts';
import { aclOf } from '../security/acl-wire.ts';

/**
 * CreateAcls 1–3. Takes ALTER on the cluster. A rule that makes no sense is refused alone; the others of the request are
 * added together, durably. Deviation: no rules for delegation tokens and users, of which there are none here.
 */
export const createAcls = handler(apis.createAcls, (parts, request, exchange) => {
  const refuseAll = ({ code: errorCode, message: errorMessage }: (typeof errors)[keyof typeof errors]): void =>
    exchange.reply({ results: request.creations.map(() => ({ errorCode, errorMessage })) });
  if (parts.security.authorizer === null) return refuseAll(errors.SECURITY_DISABLED);
  if (!exchange.access.may('ALTER', clusterResource)) return refuseAll(errors.CLUSTER_AUTHORIZATION_FAILED);
  const acls = request.creations.map(aclOf);
  const refusal = parts.security.addAcls(acls.filter((acl) => typeof acl !== 'string'));
  const results = acls.map((acl) => {
    if (typeof acl === 'string') return { errorCode: errors.INVALID_REQUEST.code, errorMessage: acl };
    if (refusal === null) return { errorCode: errors.NONE.code };
    return { errorCode: errors[refusal.error].code, errorMessage: refusal.message };
  });
  return exchange.reply({ results });
});
