import type { Effect, Marker, ProducerIdentity, ReplyTo, StateRecord, TopicPartition } from './effects.ts';

/** One call of a coordinator: the time it happens at, and the effects it has had so far, in order. */
export class Turn {
  readonly now: number;
  readonly effects: Effect[] = [];

  constructor(now: number) {
    this.now = now;
  }

  append(records: readonly StateRecord[], transaction: ProducerIdentity | null = null): void {
    if (records.length > 0) this.effects.push({ kind: 'append', records, transaction });
  }

  appendMarker(marker: Marker): void {
    this.effects.push({ kind: 'appendMarker', ...marker });
  }

  reply<Response>(to: ReplyTo<Response>, response: Response): void {
    this.effects.push({ kind: 'reply', to: to as ReplyTo<unknown>, response });
  }

  writeMarkers(transactionalId: string, marker: Marker, partitions: readonly TopicPartition[]): void {
    this.effects.push({ kind: 'writeMarkers', transactionalId, partitions, ...marker });
  }
}
