import { expect, it } from 'vitest';

import { systemClock } from '../src/index.ts';

it('calls back once the delay is over, and not before', async () => {
  const began = systemClock.monotonic();
  await new Promise<void>((resolve) => void systemClock.after(20, resolve));
  // Timers of Node count whole milliseconds and may fire up to one early by this clock.
  expect(systemClock.monotonic() - began).toBeGreaterThanOrEqual(19);
});

it('does not call back what was cancelled', async () => {
  let isCalled = false;
  const cancel = systemClock.after(1, () => {
    isCalled = true;
  });
  cancel();
  await new Promise<void>((resolve) => void systemClock.after(5, resolve));
  expect(isCalled).toBe(false);
});

it('takes a delay beyond what Node can wait as that, not as none', async () => {
  let isCalled = false;
  const cancel = systemClock.after(2 ** 40, () => {
    isCalled = true;
  });
  await new Promise<void>((resolve) => void systemClock.after(5, resolve));
  cancel();
  expect(isCalled).toBe(false);
});
