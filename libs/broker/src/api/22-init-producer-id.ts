import type { InitProducerIdResponse } from '@millrace/coordinator';
import { apis } from '@millrace/wire';
import { handler } from '../handler.ts';

/**
 * InitProducerId 0–4. 3 lets a producer name the id and epoch it has (KIP-360), 4 answers PRODUCER_FENCED where 3 said
 * INVALID_PRODUCER_EPOCH. Fences the previous owner of the transactional id and aborts what it left open; answers when both
 * are durable.
 */
export const initProducerId = handler(apis.initProducerId, (parts, request, exchange) => {
  parts.transactions.shell.call<InitProducerIdResponse>(
    exchange,
    (transactions, caller, now) => transactions.initProducerId(request, caller, now),
    (response) => exchange.reply(response),
  );
});
