import { HOPS_WITHOUT_WAIT_MAX } from '../limits.ts';
import type { Context } from './context.ts';

/** Messages and signals that an incident names. */
const RING_NAMED_MAX = 10;

/**
 * A way that leads by messages and signals back to where it was goes round by steps that each end. Its incident is to say by which; they are
 * written down when it has come half as far as it may, which an honest one never does.
 */
export function ringWith(
  { via }: Context,
  name: string,
  hops: number,
): { readonly via: readonly string[] } | undefined {
  if (hops < HOPS_WITHOUT_WAIT_MAX / 2) return undefined;
  return { via: via.includes(name) || via.length === RING_NAMED_MAX ? via : [...via, name] };
}

export function ringText({ via }: Context): string {
  return via.length === 0 ? '' : `; it goes round by ${via.join(', ')}`;
}
