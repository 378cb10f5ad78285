import { apis, errors } from '@millrace/wire';
import { handler } from '../handler.ts';
import { clusterResource } from '../security/acl.ts';
import { matches, problemOfFilter, wireAclOf } from '../security/acl-wire.ts';

/**
 * DeleteAcls 1–3. Takes ALTER on the cluster. Filters as in DescribeAcls; each is answered with the rules it deleted, and what
 * several filters match goes to the first.
 */
export const deleteAcls = handler(apis.deleteAcls, (parts, request, exchange) => {
  const refused = ({ code: errorCode, message }: (typeof errors)[keyof typeof errors], errorMessage = message) => ({
    errorCode,
    errorMessage,
    matchingAcls: [],
  });
  const refusal =
    parts.security.authorizer === null
      ? errors.SECURITY_DISABLED
      : exchange.access.may('ALTER', clusterResource)
        ? null
        : errors.CLUSTER_AUTHORIZATION_FAILED;
  const filterResults = request.filters.map((filter) => {
    if (refusal !== null) return refused(refusal);
    const problem = problemOfFilter(filter);
    if (problem !== null) return refused(errors.INVALID_REQUEST, problem);
    const matching = parts.security.acls().filter((acl) => matches(filter, acl));
    const failure = parts.security.deleteAcls(matching);
    if (failure !== null) return refused(errors[failure.error], failure.message);
    const matchingAcls = matching.map((acl) => ({ errorCode: errors.NONE.code, ...wireAclOf(acl) }));
    return { errorCode: errors.NONE.code, matchingAcls };
  });
  exchange.reply({ filterResults });
});
