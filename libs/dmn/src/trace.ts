import { type JsonValue, type Left, type Warning, show, toJson } from '@millrace/feel';

/** What one decision made of what, and by which rules; in the order in which decisions were evaluated. */
export interface DecisionTrace {
  readonly decisionId: string;
  readonly name: string;
  /** What it required, by name. */
  readonly inputs: Readonly<Record<string, JsonValue>>;
  readonly value: JsonValue;
  /** Every decision table that was looked into, its own or one of a knowledge model. */
  readonly tables: readonly TableTrace[];
  readonly warnings: readonly Warning[];
}

export interface TableTrace {
  readonly tableId?: string;
  readonly inputs: readonly { readonly id?: string; readonly text: string; readonly value: JsonValue }[];
  readonly fired: readonly FiredRule[];
}

export interface FiredRule {
  readonly ruleId?: string;
  /** From 1, as modellers number them. */
  readonly index: number;
  readonly outputs: Readonly<Record<string, JsonValue>>;
}

/** What the values of one trace may have together: it tells how a decision came about, and is no second copy of its data. */
export function traceBounds(): Left {
  return { parts: 100_000, characters: 1_000_000 };
}

/** A value for the eye: what JSON cannot have, a function or a range, is described, and so is what is beyond the bounds. */
export function traced(value: unknown, left: Left): JsonValue {
  try {
    return toJson(value, left);
  } catch {
    return show(value);
  }
}

export function tracedEntries(values: Readonly<Record<string, unknown>>, left: Left): Record<string, JsonValue> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, traced(value, left)]));
}
