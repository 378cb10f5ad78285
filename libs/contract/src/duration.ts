import { z } from 'zod';

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;
const pattern = /^(\d{1,9})(ms|s|m|h)$/;

/** `30s` → 30,000. Undefined for what is not a whole number with one of the units ms, s, m, h. */
export function parseDuration(text: string): number | undefined {
  const match = pattern.exec(text);
  if (match === null) return undefined;
  return Number(match[1]) * unitMs[match[2] as keyof typeof unitMs];
}

/** A duration in a query, as text; handlers turn it into ms by `parseDuration`. */
export function duration(msMax: number) {
  return z
    .string()
    .refine((text) => (parseDuration(text) ?? Number.POSITIVE_INFINITY) <= msMax, {
      error: `expected a duration such as 500ms, 30s or 2m, at most ${msMax / 1_000}s`,
    })
    .meta({ example: '30s', description: `A whole number with its unit (ms, s, m, h), at most ${msMax / 1_000}s` });
}
