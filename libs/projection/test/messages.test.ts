import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Event } from '@millrace/records';
import { VirtualClock } from '@millrace/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Projection, startProjection } from '../src/index.ts';
import { MemoryLog } from './support/memory-log.ts';

const message = {
  version: 1,
  at: 1_000,
  messageKey: '0-000000000001-0001',
  name: 'paid',
  correlationKey: 'o',
} as const;
const published: Event = { ...message, kind: 'message.published', variables: {}, expiresAt: 2_000 };
const settled = (outcome: 'correlated' | 'buffered' | 'expired', expiresAt?: number): Event => ({
  ...message,
  kind: 'message.settled',
  outcome,
  reached: [],
  ...(expiresAt === undefined ? {} : { expiresAt }),
});
const deferred: Event = { ...message, kind: 'message.deferred', reached: [], held: [] };
const expired: Event = { ...message, kind: 'message.expired' };
const correlated: Event = {
  ...message,
  kind: 'message.correlated',
  waitKey: 'w',
  instanceId: 'i',
  processId: 'p',
  elementId: 'wait',
};

describe('the projection of messages', () => {
  const directory = { path: '' };
  let log: MemoryLog;
  let projection: Projection;
  beforeEach(async () => {
    directory.path = mkdtempSync(join(tmpdir(), 'millrace-projection-'));
    log = new MemoryLog(1);
    const logger = { info: () => {}, error: () => {} };
    projection = await startProjection({ log, directory: directory.path, clock: new VirtualClock(), logger });
  });
  afterEach(async () => {
    await projection.close();
    rmSync(directory.path, { recursive: true, force: true });
  });

  const shown = () =>
    (['BUFFERED', 'HELD', 'EXPIRED'] as const).map(
      (state) => projection.queries.messages({ state }, { limit: 10 }).rows.length,
    );

  it.for([
    ['one that is buffered', [published, settled('buffered', 2_000)], [1, 0, 0]],
    ['one that is buffered and then taken', [published, settled('buffered', 2_000), correlated], [0, 0, 0]],
    [
      'one that is buffered, taken, and then over',
      [published, settled('buffered', 2_000), correlated, expired],
      [0, 0, 0],
    ],
    ['one that a suspended instance holds', [published, deferred], [0, 1, 0]],
    ['one that was held and then taken', [published, deferred, correlated, settled('correlated')], [0, 0, 0]],
    [
      'one that was held and then taken, and lives on',
      [published, deferred, correlated, settled('correlated', 2_000)],
      [0, 0, 0],
    ],
    ['one that was held and then given back', [published, deferred, settled('buffered', 2_000)], [1, 0, 0]],
    ['one that was held, given back and over', [published, deferred, settled('expired')], [0, 0, 1]],
    ['one that is over while it is held', [published, deferred, expired], [0, 0, 1]],
    ['one that is buffered and then over', [published, settled('buffered', 2_000), expired], [0, 0, 1]],
    ['one that is taken at once', [published, correlated, settled('correlated')], [0, 0, 0]],
    ['one that reaches nobody', [published, settled('expired')], [0, 0, 1]],
    [
      'one that is over while somebody is asked, and taken',
      [published, expired, correlated, settled('correlated')],
      [0, 0, 0],
    ],
    ['one that is over while somebody is asked, who refuses', [published, expired, settled('expired')], [0, 0, 1]],
  ] as const)('%s', ([, events, counts]) => {
    log.append(0, ...events);
    expect(shown()).toEqual(counts);
  });
});
