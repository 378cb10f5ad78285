import type { AddOffsetsToTxnResponse } from '@millrace/coordinator';
import { apis, errors } from '@millrace/wire';
import { handler } from '../handler.ts';
import { groupResource, transactionalIdResource } from '../security/acl.ts';

/**
 * AddOffsetsToTxn 0–3: adds the partition of `__consumer_offsets` that keeps the group. 2 answers PRODUCER_FENCED where 1
 * said INVALID_PRODUCER_EPOCH.
 */
export const addOffsetsToTxn = handler(apis.addOffsetsToTxn, (parts, request, exchange) => {
  const { access } = exchange;
  if (!access.may('WRITE', transactionalIdResource(request.transactionalId))) {
    exchange.reply({ errorCode: errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED.code });
    return;
  }
  if (!access.may('READ', groupResource(request.groupId))) {
    exchange.reply({ errorCode: errors.GROUP_AUTHORIZATION_FAILED.code });
    return;
  }
  parts.transactions.shell.call<AddOffsetsToTxnResponse>(
    exchange,
    (transactions, caller, now) => transactions.addOffsetsToTxn(request, caller, now),
    (response) => exchange.reply(response),
  );
});
