import type { Append, AppendMarker, Effect, Reply, ReplyTo, WriteMarkers } from './effects.ts';

export type HeldEffect = Reply | WriteMarkers;

export interface NumberedAppend {
  /** To be handed to `durable` once this append, and so all before it, is durable. */
  readonly sequence: number;
  readonly append: Append | AppendMarker;
}

/** Holds effects back until what they depend on is durable (C1). Pure: the shell appends, syncs, and reports. */
export class EffectGate {
  #appended = 0;
  #durable = 0;
  #held: { after: number; effect: HeldEffect }[] = [];

  /** Sorts effects into what is to be appended now, in order, and what may be carried out now. */
  push(effects: readonly Effect[]): { appends: NumberedAppend[]; ready: HeldEffect[] } {
    const appends: NumberedAppend[] = [];
    const ready: HeldEffect[] = [];
    for (const effect of effects) {
      if (effect.kind === 'append' || effect.kind === 'appendMarker') {
        appends.push({ sequence: ++this.#appended, append: effect });
      } else if (this.#durable === this.#appended) ready.push(effect);
      else this.#held.push({ after: this.#appended, effect });
    }
    return { appends, ready };
  }

  /** Every append up to `sequence` is durable; returns the effects this sets free, in order. */
  durable(sequence: number): HeldEffect[] {
    this.#durable = Math.max(this.#durable, sequence);
    const end = this.#held.findIndex(({ after }) => after > this.#durable);
    const ready = end === -1 ? this.#held : this.#held.slice(0, end);
    this.#held = end === -1 ? [] : this.#held.slice(end);
    return ready.map(({ effect }) => effect);
  }

  /** An append failed: the tokens whose replies are not to be sent (C2). Held markers are forgotten; load finds them. */
  fail(): ReplyTo<unknown>[] {
    const refused = this.#held.flatMap(({ effect }) => (effect.kind === 'reply' ? [effect.to] : []));
    this.#held = [];
    return refused;
  }
}
