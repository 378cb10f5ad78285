import type { DescribeTransactionsResponse } from '@millrace/coordinator';
import { apis, errors } from '@millrace/wire';
import { distinct } from '../distinct.ts';
import { handler } from '../handler.ts';
import { topicResource, transactionalIdResource } from '../security/acl.ts';

/**
 * DescribeTransactions 0 (KIP-664). An id that nobody used gets TRANSACTIONAL_ID_NOT_FOUND. Takes DESCRIBE on the id; topics
 * that the caller may not describe are left out.
 */
export const describeTransactions = handler(apis.describeTransactions, (parts, request, exchange) => {
  const { access } = exchange;
  const asked = distinct(request.transactionalIds, (id) => id);
  const refused = asked.filter((id) => !access.may('DESCRIBE', transactionalIdResource(id)));
  const transactionalIds = asked.filter((id) => !refused.includes(id));
  parts.transactions.shell.call<DescribeTransactionsResponse>(
    exchange,
    (transactions, caller, now) => transactions.describeTransactions({ transactionalIds }, caller, now),
    ({ transactionStates }) => {
      const described = transactionStates.map((state) => ({
        ...state,
        topics: state.topics.filter(({ topic }) => access.sees('DESCRIBE', topicResource(topic))),
      }));
      exchange.reply({ transactionStates: [...described, ...refused.map(unauthorised)] });
    },
  );
});

function unauthorised(transactionalId: string): DescribeTransactionsResponse['transactionStates'][number] {
  const nothing = { transactionTimeoutMs: 0, transactionStartTimeMs: 0, producerId: 0, producerEpoch: 0, topics: [] };
  const errorCode = errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED.code;
  return { errorCode, transactionalId, transactionState: '', ...nothing };
}
