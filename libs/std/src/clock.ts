/** Time as a dependency: the pure libs take numbers, the shells take a `Clock`, tests move a virtual one. */
export interface Clock {
  /** Wall time, in ms since the epoch. May jump. */
  now(): number;
  /** Time that only moves forward, in ms with fractions, from an arbitrary origin. */
  monotonic(): number;
  /** Calls back once after `delayMs`; the returned function cancels. Does not keep the process alive. */
  after(delayMs: number, callback: () => void): () => void;
}

// Node clamps longer delays to 1 ms, which would turn a far timer into a busy loop.
const DELAY_MS_MAX = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, Math.min(Math.max(delayMs, 0), DELAY_MS_MAX));
    timer.unref();
    return () => clearTimeout(timer);
  },
};
