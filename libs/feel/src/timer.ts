import type { Failure } from './evaluate.ts';

export type TimerKind = 'date' | 'duration' | 'cycle';

export interface TimerSchedule {
  /** When it fires (next), in ms since the epoch. May be in the past for a date. */
  readonly dueAt: number;
  /** How often it fires in all, the firing at `dueAt` included; null for a cycle without end. 1 for date and duration. */
  readonly repetitions: number | null;
  /** The ISO 8601 duration between two firings of a cycle: give it to `addDuration` with the last `dueAt`. */
  readonly interval?: string;
}

/** Reads ISO 8601: a date-time, a duration, or `R3/PT10S` (`R/…` without end, `R3/<start>/PT10S`). Zone-less is UTC. */
export function parseTimer(
  _kind: TimerKind,
  _text: string,
  _now: number,
): TimerSchedule | { readonly failure: Failure } {
  return { failure: { message: 'not read yet' } };
}

/** `from` plus an ISO 8601 duration, in ms since the epoch; undefined when the text is not a duration. Months and years are the calendar's, in UTC. */
export function addDuration(_from: number, _duration: string): number | undefined {
  return undefined;
}

/** Says what is wrong with a literal timer, or undefined. */
export function checkTimer(_kind: TimerKind, _text: string): string | undefined {
  return undefined;
}
