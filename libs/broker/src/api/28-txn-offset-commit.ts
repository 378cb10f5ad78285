import type { TxnOffsetCommitResponse } from '@millrace/coordinator';
import { apis, type Request } from '@millrace/wire';
import { handler } from '../handler.ts';

/**
 * TxnOffsetCommit 0–3. 2 brought leader epochs, 3 the member, by which a consumer that has lost its group is fenced. The
 * offsets count when the transaction commits; until then OffsetFetch with `requireStable` gets UNSTABLE_OFFSET_COMMIT.
 */
export const txnOffsetCommit = handler(apis.txnOffsetCommit, (parts, request, exchange) => {
  const refusal = parts.transactions.verify(
    request.transactionalId,
    request,
    parts.groups.partitionOf(request.groupId),
  );
  if (refusal !== null) {
    exchange.reply({ topics: refused(request, refusal.errorCode) });
    return;
  }
  parts.groups.of(request.groupId).call<TxnOffsetCommitResponse>(
    exchange,
    (groups, caller, now) => groups.txnOffsetCommit(request, caller, now),
    (response) => exchange.reply(response),
  );
});

function refused({ topics }: Request<typeof apis.txnOffsetCommit>, errorCode: number) {
  return topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partition }) => ({ partition, errorCode })),
  }));
}
