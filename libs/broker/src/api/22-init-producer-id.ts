import type { InitProducerIdResponse } from '@millrace/coordinator';
import { apis, errors } from '@millrace/wire';
import { handler } from '../handler.ts';
import type { Access } from '../security/access.ts';
import { clusterResource, transactionalIdResource } from '../security/acl.ts';

/**
 * InitProducerId 0–4. 3 lets a producer name the id and epoch it has (KIP-360), 4 answers PRODUCER_FENCED where 3 said
 * INVALID_PRODUCER_EPOCH. Fences the previous owner of the transactional id and aborts what it left open; answers when both
 * are durable.
 *
 * An idempotent producer takes IDEMPOTENT_WRITE on the cluster, or WRITE on any topic (KIP-679).
 */
export const initProducerId = handler(apis.initProducerId, (parts, request, exchange) => {
  const refusal = refusalOf(exchange.access, request.transactionalId);
  if (refusal !== null) {
    exchange.reply({ errorCode: errors[refusal].code, producerId: -1, producerEpoch: -1 });
    return;
  }
  parts.transactions.shell.call<InitProducerIdResponse>(
    exchange,
    (transactions, caller, now) => transactions.initProducerId(request, caller, now),
    (response) => exchange.reply(response),
  );
});

function refusalOf(access: Access, transactionalId: string | null) {
  if (transactionalId !== null) {
    const isAllowed = access.may('WRITE', transactionalIdResource(transactionalId));
    return isAllowed ? null : 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED';
  }
  const isAllowed = access.sees('IDEMPOTENT_WRITE', clusterResource) || access.mayAny('WRITE', 'TOPIC');
  return isAllowed ? null : 'CLUSTER_AUTHORIZATION_FAILED';
}
