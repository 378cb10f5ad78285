import type { AddPartitionsToTxnResponse } from '@millrace/coordinator';
import { apis } from '@millrace/wire';
import { handler } from '../handler.ts';

/**
 * AddPartitionsToTxn 0–3. 2 answers PRODUCER_FENCED where 1 said INVALID_PRODUCER_EPOCH.
 *
 * Produce may be pipelined behind it on one connection: requests are started in order, and Produce is verified against
 * what this one has decided, durable or not. The data cannot become visible before the transaction's end is durable.
 */
export const addPartitionsToTxn = handler(apis.addPartitionsToTxn, (parts, request, exchange) => {
  parts.transactions.shell.call<AddPartitionsToTxnResponse>(
    exchange,
    (transactions, caller, now) => transactions.addPartitionsToTxn(request, caller, now),
    (response) => exchange.reply(response),
  );
});
