import { Cron } from 'croner';

/**
 * Cron expressions as Spring and Zeebe take them, in UTC: six fields (second, minute, hour, day of month, month, day of week), names of
 * months and days, `*`, `?`, lists, ranges, steps (`0/15`), `L`, `LW`, `15W`, `FRI#2`, `FRIL`; or a macro. A day must fit both its fields.
 */
const macros: Readonly<Record<string, string>> = {
  '@yearly': '0 0 0 1 1 *',
  '@annually': '0 0 0 1 1 *',
  '@monthly': '0 0 0 1 * *',
  '@weekly': '0 0 0 * * 0',
  '@daily': '0 0 0 * * *',
  '@midnight': '0 0 0 * * *',
  '@hourly': '0 0 * * * *',
};

/** The highest value of each field, where `5/15` ends. */
const fieldMax = [59, 59, 23, 31, 12, 7];

/** The first time behind `from` (ms since the epoch) that fits; undefined when the text is no cron expression, or nothing ever fits. */
export function nextOfCron(text: string, from: number): number | undefined {
  const pattern = normalised(text);
  if (pattern === undefined) return undefined;
  try {
    // Paused: it only computes, and starts no timer.
    const cron = new Cron(pattern, { paused: true, timezone: 'UTC', mode: '6-part', domAndDow: true });
    return cron.nextRun(new Date(Math.trunc(from)))?.getTime();
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) return undefined;
    throw error;
  }
}

/** As croner reads it: `?` would be the time at which it is read, and a step has no open end. */
function normalised(text: string): string | undefined {
  const fields = (macros[text.trim().toLowerCase()] ?? text).trim().split(/\s+/);
  if (fields.length !== fieldMax.length) return undefined;
  if (fields.some((field, index) => field.includes('?') && (field !== '?' || (index !== 3 && index !== 5))))
    return undefined;
  return fields
    .map((field, index) =>
      field === '?' ? '*' : field.replaceAll(/(^|,)(\d+)\/(\d+)/g, `$1$2-${fieldMax[index] ?? 0}/$3`),
    )
    .join(' ');
}
