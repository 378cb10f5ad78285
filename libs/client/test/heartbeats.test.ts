import { systemRandom } from '@millrace/std';
import { VirtualClock } from '@millrace/testing';
import { errors } from '@millrace/wire';
import { describe, expect, it } from 'vitest';
import { ClientError } from '../src/client-error.ts';
import { Heartbeats } from '../src/heartbeats.ts';
import { defaultLimits } from '../src/options.ts';

const INTERVAL_MS = 100;

/** Heartbeats against a coordinator that gives these answers, then 0 for ever. */
function beating(...answers: readonly number[]) {
  const clock = new VirtualClock();
  const environment = { clientId: 'test', clock, random: systemRandom, limits: defaultLimits };
  let beats = 0;
  const heartbeats = new Heartbeats(environment, INTERVAL_MS, () => Promise.resolve(answers[beats++] ?? 0));
  return { clock, heartbeats, beats: () => beats };
}

describe('heartbeats', () => {
  it('go on, whatever the application does meanwhile', async () => {
    const { clock, heartbeats, beats } = beating();
    await clock.advanceAsync(10 * INTERVAL_MS);
    expect(beats()).toBe(10);
    heartbeats.stop();
  });

  it('tell of a rebalance and go on until they are stopped', async () => {
    const { clock, heartbeats, beats } = beating(0, errors.REBALANCE_IN_PROGRESS.code);
    await clock.advanceAsync(2 * INTERVAL_MS);
    await heartbeats.ended;
    await clock.advanceAsync(3 * INTERVAL_MS);
    expect(beats()).toBe(5);
    heartbeats.stop();
    await clock.advanceAsync(3 * INTERVAL_MS);
    expect(beats()).toBe(5);
  });

  it('tell of a lost membership, also when nobody listened at the time', async () => {
    const { clock, heartbeats, beats } = beating(errors.UNKNOWN_MEMBER_ID.code);
    await clock.advanceAsync(5 * INTERVAL_MS);
    await expect(heartbeats.ended).rejects.toMatchObject({ kafka: errors.UNKNOWN_MEMBER_ID });
    await expect(heartbeats.ended).rejects.toBeInstanceOf(ClientError);
    expect(beats()).toBe(1);
  });

  it('end at once when they are stopped', async () => {
    const { clock, heartbeats, beats } = beating();
    heartbeats.stop();
    await heartbeats.ended;
    await clock.advanceAsync(5 * INTERVAL_MS);
    expect(beats()).toBe(0);
    expect(clock.pendingTimers).toBe(0);
  });
});
