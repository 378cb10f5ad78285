import { z } from 'zod';

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;
const short = /^(\d{1,9})(ms|s|m|h)$/;
/** ISO 8601, without years and months: those have no length of their own. */
const iso =
  /^P(?=\d|T\d)(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?=\d)(?:(\d{1,6})H)?(?:(\d{1,9})M)?(?:(\d{1,9})(?:\.(\d{1,3}))?S)?)?$/;

/**
 * `30s` → 30,000, and so `PT30S`. Undefined for what is neither a whole number with one of the units ms, s, m, h, nor a
 * duration of ISO 8601 in weeks, days, hours, minutes and seconds.
 */
export function parseDuration(text: string): number | undefined {
  const match = short.exec(text);
  if (match !== null) return Number(match[1]) * unitMs[match[2] as keyof typeof unitMs];
  const parts = iso.exec(text);
  if (parts === null) return undefined;
  const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = parts.slice(1, 6).map((part) => Number(part ?? 0));
  const ms = Number((parts[6] ?? '').padEnd(3, '0'));
  return ((((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + seconds) * 1_000 + ms;
}

/** A duration in a query, as text; handlers turn it into ms by `parseDuration`. */
export function duration(msMax: number) {
  return z
    .string()
    .refine((text) => (parseDuration(text) ?? Number.POSITIVE_INFINITY) <= msMax, {
      error: `expected a duration such as 500ms, 30s or PT2M, at most ${msMax / 1_000}s`,
    })
    .meta({
      example: '30s',
      description: `A whole number with its unit (ms, s, m, h), or ISO 8601 (PT30S), at most ${msMax / 1_000}s`,
    });
}
