import type { ListTransactionsResponse } from '@millrace/coordinator';
import { apis } from '@millrace/wire';
import { handler } from '../handler.ts';
import { transactionalIdResource } from '../security/acl.ts';

/**
 * ListTransactions 0–1 (KIP-664). 1 brought a filter by how long they have been open. Of several nodes each lists those that it
 * coordinates. Those are left out that the caller may
 * not describe.
 */
export const listTransactions = handler(apis.listTransactions, (parts, request, exchange) => {
  parts.transactions.shell.call<ListTransactionsResponse>(
    exchange,
    (transactions, caller, now) => transactions.listTransactions(request, caller, now),
    ({ transactionStates, ...rest }) => {
      const { access, entrance } = exchange;
      const node = parts.nodes.nodeOf(entrance);
      const isSeen = ({ transactionalId }: { readonly transactionalId: string }): boolean =>
        parts.nodes.coordinatorOf(transactionalId) === node &&
        access.sees('DESCRIBE', transactionalIdResource(transactionalId));
      exchange.reply({ ...rest, transactionStates: transactionStates.filter(isSeen) });
    },
  );
});
