import { Script } from 'node:vm';

/**
 * A pattern that backtracks (`(a+)+$`) may take for ever within one step, and would stop every instance of its partition with it.
 * JavaScript can only be interrupted from within `node:vm`, whose watchdog thread costs 0.2 ms per call: so only what matches
 * patterns runs under it. Everything else is bounded in steps (B1).
 *
 * The limit is wall time, hence not deterministic. That is sound because nothing is decided twice: what counts is the
 * event that the first decision wrote.
 */
export const EVALUATION_MS_MAX = 200;

export class OutOfTime extends Error {}

/** A script takes no arguments: what it shall call waits for it under this symbol. */
const WORK = Symbol.for('millrace.feel.work');
const callWork = new Script(`globalThis[Symbol.for('millrace.feel.work')]()`);
const world = globalThis as { [WORK]?: unknown };
let isWatched = false;

export function withinTime<T>(work: () => T): T {
  if (isWatched) return work();
  world[WORK] = work;
  isWatched = true;
  try {
    return callWork.runInThisContext({ timeout: EVALUATION_MS_MAX }) as T;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw new OutOfTime();
    throw error;
  } finally {
    isWatched = false;
    delete world[WORK];
  }
}
