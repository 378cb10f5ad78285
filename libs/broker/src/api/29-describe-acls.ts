import { apis, errors } from '@millrace/wire';
import { handler } from '../handler.ts';
import { type Acl, clusterResource } from '../security/acl.ts';
import { matches, problemOfFilter, wireAclOf } from '../security/acl-wire.ts';

/**
 * DescribeAcls 1–3. 1 brought pattern types: LITERAL and PREFIXED ask for patterns of that kind and name, ANY for both, MATCH
 * for every pattern that covers the name. Takes DESCRIBE on the cluster. SECURITY_DISABLED where nothing is authorised.
 */
export const describeAcls = handler(apis.describeAcls, (parts, request, exchange) => {
  const refuse = ({ code: errorCode, message }: (typeof errors)[keyof typeof errors], errorMessage = message): void =>
    exchange.reply({ errorCode, errorMessage, resources: [] });
  if (parts.security.authorizer === null) return refuse(errors.SECURITY_DISABLED);
  if (!exchange.access.may('DESCRIBE', clusterResource)) return refuse(errors.CLUSTER_AUTHORIZATION_FAILED);
  const problem = problemOfFilter(request);
  if (problem !== null) return refuse(errors.INVALID_REQUEST, problem);
  const byResource = new Map<string, Acl[]>();
  for (const acl of parts.security.acls()) {
    if (!matches(request, acl)) continue;
    const key = `${acl.resourceType}/${acl.patternType}/${acl.resourceName}`;
    byResource.set(key, [...(byResource.get(key) ?? []), acl]);
  }
  const resources = Array.from(byResource.values(), (acls) => {
    const wire = acls.map(wireAclOf);
    const { resourceType, resourceName, patternType } = wire[0] as (typeof wire)[0];
    return { resourceType, resourceName, patternType, acls: wire };
  });
  return exchange.reply({ errorCode: errors.NONE.code, resources });
});
