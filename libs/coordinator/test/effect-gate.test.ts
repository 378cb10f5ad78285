import { describe, expect, it } from 'vitest';
import { type Effect, EffectGate } from '../src/index.ts';

const reply = (to: number): Effect => ({ kind: 'reply', to, response: null });
const append: Effect = { kind: 'append', records: [], transaction: null };
const tokens = (effects: readonly object[]): number[] => effects.map((effect) => (effect as { to: number }).to);

describe('the gate', () => {
  it('C1: lets replies pass while nothing is in flight', () => {
    expect(tokens(new EffectGate().push([reply(1), reply(2)]).ready)).toEqual([1, 2]);
  });

  it('C1: holds back what follows an append, later calls included, and keeps the order', () => {
    const gate = new EffectGate();
    const { appends, ready } = gate.push([reply(1), append, reply(2)]);
    expect(tokens(ready)).toEqual([1]);
    expect(gate.push([reply(3)]).ready).toEqual([]);
    expect(tokens(gate.durable(appends[0]!.sequence))).toEqual([2, 3]);
  });

  it('C1: sets free only what lies before the first append that is not durable', () => {
    const gate = new EffectGate();
    const { appends } = gate.push([append, reply(1), append, reply(2)]);
    expect(tokens(gate.durable(appends[0]!.sequence))).toEqual([1]);
    expect(tokens(gate.durable(appends[0]!.sequence))).toEqual([]);
    expect(tokens(gate.durable(appends[1]!.sequence))).toEqual([2]);
  });

  it('C2: names the replies that must not be sent after a failed append', () => {
    const gate = new EffectGate();
    gate.push([append, reply(1), reply(2)]);
    expect(gate.fail()).toEqual([1, 2]);
    expect(gate.durable(1)).toEqual([]);
  });
});
