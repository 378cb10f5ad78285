import type { Marker } from '@millrace/coordinator';
import { apis, type ErrorName, errors, type Request } from '@millrace/wire';
import { gather } from '../gather.ts';
import { handler } from '../handler.ts';
import type { Parts } from '../parts.ts';
import { clusterResource } from '../security/acl.ts';

/**
 * WriteTxnMarkers 1–2. There are no other brokers whose coordinators would send it: it is how an administrator ends a
 * transaction that hangs in a partition (`kafka-transactions abort`, KIP-664). Takes ALTER or CLUSTER_ACTION on the cluster.
 *
 * Deviation: a coordinator epoch that no coordinator has had is refused with TRANSACTION_COORDINATOR_FENCED. Kafka takes it,
 * and then refuses the coordinator.
 */
export const writeTxnMarkers = handler(apis.writeTxnMarkers, (parts, { markers }, exchange) => {
  const isAllowed =
    exchange.access.sees('ALTER', clusterResource) || exchange.access.may('CLUSTER_ACTION', clusterResource);
  const asked = markers.flatMap(partitionsOf);
  gather<Asked, ErrorName>(
    asked,
    (one, then) => (isAllowed ? end(parts, one, then) : then('CLUSTER_AUTHORIZATION_FAILED')),
    (answers) => {
      const codes = answers.map((error) => errors[error].code).values();
      exchange.reply({
        markers: markers.map(({ producerId, topics }) => ({
          producerId,
          topics: topics.map(({ name, partitions }) => ({
            name,
            partitions: partitions.map((partition) => ({ partition, errorCode: codes.next().value ?? 0 })),
          })),
        })),
      });
    },
  );
});

interface Asked {
  readonly marker: Marker;
  readonly topic: string;
  readonly partition: number;
}

function partitionsOf(asked: Request<typeof apis.writeTxnMarkers>['markers'][number]): Asked[] {
  const { producerId, producerEpoch, isCommit, coordinatorEpoch, topics } = asked;
  const marker: Marker = { producerId, producerEpoch, result: isCommit ? 'commit' : 'abort', coordinatorEpoch };
  return topics.flatMap(({ name: topic, partitions }) => partitions.map((partition) => ({ marker, topic, partition })));
}

function end({ transactions }: Parts, { marker, ...partition }: Asked, then: (error: ErrorName) => void): void {
  transactions.mark(partition, marker, then);
}
