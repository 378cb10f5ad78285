import type { EndTxnResponse } from '@millrace/coordinator';
import { apis, errors } from '@millrace/wire';
import { handler } from '../handler.ts';
import { transactionalIdResource } from '../security/acl.ts';

/**
 * EndTxn 0–3. 2 answers PRODUCER_FENCED where 1 said INVALID_PRODUCER_EPOCH. Versions 4 and 5, where every transaction has
 * an epoch of its own, are not served.
 *
 * Deviation: answers when the markers are durable, not already when the decision is. So the producer's next transaction
 * never meets CONCURRENT_TRANSACTIONS, and who reads after the answer reads the outcome. A retry of an EndTxn that has
 * taken effect gets the same answer.
 */
export const endTxn = handler(apis.endTxn, (parts, request, exchange) => {
  if (!exchange.access.may('WRITE', transactionalIdResource(request.transactionalId))) {
    exchange.reply({ errorCode: errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED.code });
    return;
  }
  parts.transactions.shell.call<EndTxnResponse>(
    exchange,
    (transactions, caller, now) => transactions.endTxn(request, caller, now),
    (response) => exchange.reply(response),
  );
});
