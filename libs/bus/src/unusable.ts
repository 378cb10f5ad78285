import type { JsonFault } from '@millrace/contract';

/** Why a record could not be used. The code goes into the dead letter's `mr-dead-reason`. */
export type UnusableReason =
  | JsonFault['code']
  | 'VALUE_TOO_LARGE'
  /** JSON, but not what this topic asks for. */
  | 'WRONG_SHAPE'
  | 'HEADER_MISSING'
  | 'HEADER_MALFORMED'
  /** Names an instance or task that this engine can't have. */
  | 'NOT_FOUND'
  | 'UNSUPPORTED'
  /** A record on `core.commands` that this version can't decode. */
  | 'UNDECODABLE_COMMAND';

export interface Unusable {
  readonly kind: 'unusable';
  readonly reason: UnusableReason;
  /** A sentence for whoever looks at the dead letter. */
  readonly message: string;
}

export function unusable(reason: UnusableReason, message: string): Unusable {
  return { kind: 'unusable', reason, message };
}
