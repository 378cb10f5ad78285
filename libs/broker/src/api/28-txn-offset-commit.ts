import type { TxnOffsetCommitResponse } from '@millrace/coordinator';
import { apis, errors, type Request } from '@millrace/wire';
import { handler } from '../handler.ts';
import type { Access } from '../security/access.ts';
import { groupResource, transactionalIdResource } from '../security/acl.ts';
import { failPartitions, splitTopics } from '../security/split-topics.ts';

/**
 * TxnOffsetCommit 0–3. 2 brought leader epochs, 3 the member, by which a consumer that has lost its group is fenced. The
 * offsets count when the transaction commits; until then OffsetFetch with `requireStable` gets UNSTABLE_OFFSET_COMMIT.
 */
export const txnOffsetCommit = handler(apis.txnOffsetCommit, (parts, request, exchange) => {
  const unauthorised = refusalOf(exchange.access, request);
  if (unauthorised !== null) {
    exchange.reply({ topics: failPartitions(request.topics, errors[unauthorised].code) });
    return;
  }
  const { allowed, refused } = splitTopics(exchange.access, 'READ', request.topics);
  const failed = failPartitions(refused, errors.TOPIC_AUTHORIZATION_FAILED.code);
  const refusal = parts.transactions.verify(
    request.transactionalId,
    request,
    parts.groups.partitionOf(request.groupId),
  );
  if (refusal !== null) {
    exchange.reply({ topics: [...failPartitions(allowed, refusal.errorCode), ...failed] });
    return;
  }
  parts.groups.of(request.groupId).call<TxnOffsetCommitResponse>(
    exchange,
    (groups, caller, now) => groups.txnOffsetCommit({ ...request, topics: allowed }, caller, now),
    (response) => exchange.reply({ ...response, topics: [...response.topics, ...failed] }),
  );
});

function refusalOf(access: Access, { transactionalId, groupId }: Request<typeof apis.txnOffsetCommit>) {
  if (!access.may('WRITE', transactionalIdResource(transactionalId))) return 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED';
  return access.may('READ', groupResource(groupId)) ? null : 'GROUP_AUTHORIZATION_FAILED';
}
