import type { AddPartitionsToTxnResponse } from '@millrace/coordinator';
import { apis, errors, type Request } from '@millrace/wire';
import { handler } from '../handler.ts';
import { transactionalIdResource } from '../security/acl.ts';
import { splitTopics } from '../security/split-topics.ts';

/**
 * AddPartitionsToTxn 0–3. 2 answers PRODUCER_FENCED where 1 said INVALID_PRODUCER_EPOCH. All partitions or none: beside a
 * topic that may not be written, the others get OPERATION_NOT_ATTEMPTED.
 *
 * Produce may be pipelined behind it on one connection: requests are started in order, and Produce is verified against
 * what this one has decided, durable or not. The data cannot become visible before the transaction's end is durable.
 */
export const addPartitionsToTxn = handler(apis.addPartitionsToTxn, (parts, request, exchange) => {
  const { access } = exchange;
  if (!access.may('WRITE', transactionalIdResource(request.transactionalId))) {
    const errorCode = errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED.code;
    exchange.reply({ topics: request.topics.map((topic) => failed(topic, errorCode)) });
    return;
  }
  const { allowed, refused } = splitTopics(access, 'WRITE', request.topics);
  if (refused.length > 0) {
    const unauthorised = refused.map((topic) => failed(topic, errors.TOPIC_AUTHORIZATION_FAILED.code));
    const others = allowed.map((topic) => failed(topic, errors.OPERATION_NOT_ATTEMPTED.code));
    exchange.reply({ topics: [...unauthorised, ...others] });
    return;
  }
  parts.transactions.shell.call<AddPartitionsToTxnResponse>(
    exchange,
    (transactions, caller, now) => transactions.addPartitionsToTxn(request, caller, now),
    (response) => exchange.reply(response),
  );
});

type Topic = Request<typeof apis.addPartitionsToTxn>['topics'][number];

function failed({ name, partitions }: Topic, errorCode: number) {
  return { name, partitions: partitions.map((partition) => ({ partition, errorCode })) };
}
