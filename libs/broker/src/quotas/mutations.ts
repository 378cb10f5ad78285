import { errors } from '@millrace/wire';
import type { Exchange } from '../exchange.ts';
import type { Parts } from '../parts.ts';

/** The answer then. */
export const quotaUsedUp = {
  error: 'THROTTLING_QUOTA_EXCEEDED',
  message: errors.THROTTLING_QUOTA_EXCEEDED.message,
} as const;

/**
 * Counts partitions that are created or deleted (controller_mutation_rate, KIP-599). False when the client has used up its quota
 * and asks in a version that is told so: then nothing is to be done, and THROTTLING_QUOTA_EXCEEDED the answer. Older ones are
 * served, and slowed.
 */
export function mayMutate<R>(
  { quotas, config }: Parts,
  exchange: Exchange<R>,
  partitions: number,
  toldSince: number,
): boolean {
  if (quotas.areNone) return true;
  const { principal } = exchange.access.caller;
  const user = { principal, clientId: exchange.header.clientId };
  const use = (amount: number): number =>
    quotas.use('controller_mutation_rate', amount, user, config.clock.monotonic());
  const owedMs = exchange.version < toldSince ? 0 : use(0);
  exchange.throttle(owedMs > 0 ? owedMs : use(partitions));
  return owedMs === 0;
}
