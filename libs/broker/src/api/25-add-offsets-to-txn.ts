import type { AddOffsetsToTxnResponse } from '@millrace/coordinator';
import { apis } from '@millrace/wire';
import { handler } from '../handler.ts';

/**
 * AddOffsetsToTxn 0–3: adds the partition of `__consumer_offsets` that keeps the group. 2 answers PRODUCER_FENCED where 1
 * said INVALID_PRODUCER_EPOCH.
 */
export const addOffsetsToTxn = handler(apis.addOffsetsToTxn, (parts, request, exchange) => {
  parts.transactions.shell.call<AddOffsetsToTxnResponse>(
    exchange,
    (transactions, caller, now) => transactions.addOffsetsToTxn(request, caller, now),
    (response) => exchange.reply(response),
  );
});
