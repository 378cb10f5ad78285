import { encodeEvent } from '@millrace/records';
import { VirtualClock } from '@millrace/testing';
import { describe, expect, it } from 'vitest';
import { FeedEvent, waiterLimits } from '../src/index.ts';
import { Waiters } from '../src/waiters.ts';

const rejected = (requestId: string, offset = 0): FeedEvent =>
  new FeedEvent(0, {
    offset,
    value: encodeEvent({
      kind: 'command.rejected',
      version: 1,
      at: 0,
      requestId,
      commandKind: 'deploy',
      reason: 'NOT_FOUND',
      message: 'no',
    }),
  });

describe('waiters', () => {
  it('hear only of their own request, and only of the event they accept', async () => {
    const waiters = new Waiters(new VirtualClock());
    const wait = waiters.forRequest('mine', 1_000, ({ offset }) => offset === 3);
    waiters.tell([rejected('other', 3), rejected('mine', 1)]);
    expect(waiters.count).toBe(1);
    waiters.tell([rejected('mine', 3)]);
    expect((await wait.event).offset).toBe(3);
    expect(waiters.count).toBe(0);
  });

  it('give up when their time is over, saying how long it was', async () => {
    const clock = new VirtualClock();
    const waiters = new Waiters(clock);
    const wait = waiters.forRequest('mine', 1_000);
    clock.advance(1_000);
    await expect(wait.event).rejects.toMatchObject({
      code: 'WAIT_TIMED_OUT',
      message: 'expected an answer within 1000 ms, found none',
    });
    expect(waiters.count).toBe(0);
    expect(clock.pendingTimers).toBe(0);
  });

  it('leave nothing behind when they are cancelled', () => {
    const clock = new VirtualClock();
    const waiters = new Waiters(clock);
    waiters.forEnd('an instance', 1_000).cancel();
    expect(waiters.count).toBe(0);
    expect(clock.pendingTimers).toBe(0);
  });

  it('are refused when too many wait already', () => {
    const waiters = new Waiters(new VirtualClock());
    for (let n = 0; n < waiterLimits.waitersMax; n += 1) waiters.forRequest(`r${n}`, 1_000);
    expect(() => waiters.forRequest('one more', 1_000)).toThrow(`at most ${waiterLimits.waitersMax}`);
  });
});
