import type { OfElement } from './events.ts';
import type { Key } from './ids.ts';

export interface RecordPublished extends OfElement {
  readonly kind: 'record.published';
  readonly topic: string;
  readonly key: string;
}

/** The engine has evaluated a decision; for each that it took, the rules that fired, from 1. */
export interface DecisionEvaluated extends OfElement {
  readonly kind: 'decision.evaluated';
  readonly decisionId: string;
  readonly decisionVersion: number;
  readonly decisions: readonly { readonly decisionId: string; readonly rules: readonly number[] }[];
}

/** A message is on its way to whoever waits for it. */
export interface MessageThrown extends OfElement {
  readonly kind: 'message.thrown';
  readonly name: string;
  readonly correlationKey: string;
}

export interface ReceiveOpened extends OfElement {
  readonly kind: 'receive.opened';
  readonly receiveKey: Key;
  readonly topic: string;
  readonly keyName: string;
}

export interface ReceiveMatched extends OfElement {
  readonly kind: 'receive.matched';
  readonly receiveKey: Key;
  readonly topic: string;
}

export interface ReceiveClosed extends OfElement {
  readonly kind: 'receive.closed';
  readonly receiveKey: Key;
  readonly topic: string;
}
