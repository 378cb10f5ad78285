import { describe, expect, it } from 'vitest';

import { defaultLogConfig } from '../src/log-config.ts';
import { parseTopicConfigs, topicConfigKeys } from '../src/topic-config.ts';

describe('topic configuration', () => {
  it('is the default when nothing is set, and when everything is set to its default', () => {
    expect(parseTopicConfigs({})).toEqual(defaultLogConfig);
    const all = Object.fromEntries(topicConfigKeys.map((key) => [key.name, key.default]));
    expect(parseTopicConfigs(all)).toEqual(defaultLogConfig);
  });

  it.for([
    ['cleanup.policy', 'delete, compact', { cleanup: 'compact,delete' }],
    ['cleanup.policy', 'compact', { cleanup: 'compact' }],
    ['retention.ms', '-1', { retentionMs: -1 }],
    ['segment.bytes', '1048576', { segmentBytes: 1_048_576 }],
    ['message.timestamp.type', 'LogAppendTime', { timestampType: 'LogAppendTime' }],
    ['compression.type', 'zstd', { compression: 'zstd' }],
    ['compression.type', 'uncompressed', { compression: 'none' }],
    ['compression.gzip.level', '9', { gzipLevel: 9 }],
    ['message.timestamp.before.max.ms', '5', { timestampBeforeMsMax: 5 }],
    ['message.timestamp.difference.max.ms', '5', { timestampBeforeMsMax: 5, timestampAfterMsMax: 5 }],
    ['min.cleanable.dirty.ratio', '0.01', { cleanableRatioMin: 0.01 }],
    ['min.compaction.lag.ms', '1000', { compactionLagMsMin: 1000 }],
    ['max.compaction.lag.ms', '9223372036854775807', {}],
    ['retention.ms', '9223372036854775807', { retentionMs: -1 }],
    ['segment.index.bytes', '100', { segmentIndexBytes: 100 }],
    ['segment.jitter.ms', '7', { segmentJitterMs: 7 }],
    ['leader.replication.throttled.replicas', '0:1, 1:1', {}],
    ['unclean.leader.election.enable', 'false', {}],
  ] as const)('reads %s=%s', ([name, value, expected]) => {
    expect(parseTopicConfigs({ [name]: value })).toEqual({ ...defaultLogConfig, ...expected });
  });

  it('prefers the newer names of the bounds of timestamps, whatever the order', () => {
    const names = ['message.timestamp.difference.max.ms', 'message.timestamp.after.max.ms'] as const;
    for (const [first, second] of [names, names.toReversed()]) {
      const given = {
        [first as string]: first === names[0] ? '5' : '9',
        [second as string]: second === names[0] ? '5' : '9',
      };
      expect(parseTopicConfigs(given)).toMatchObject({ timestampBeforeMsMax: 5, timestampAfterMsMax: 9 });
    }
  });

  it.for([
    ['min.cleanable.dirty.ratio', '1.5'],
    ['compression.type', 'brotli'],
    ['compression.gzip.level', '10'],
    ['preallocate', 'perhaps'],
    ['retention.ms', '-2'],
    ['retention.ms', '9223372036854775808'],
    ['cleanup.policy', 'archive'],
    ['leader.replication.throttled.replicas', '0-1'],
    ['remote.storage.enable', 'true'],
    ['min.insync.replicas', '0'],
  ])('refuses %s=%s', ([name, value]) => {
    expect(parseTopicConfigs({ [name as string]: value as string })).toMatchObject({ error: 'INVALID_CONFIG' });
  });

  it('refuses unknown names and bad values, naming every one', () => {
    const parsed = parseTopicConfigs({
      'no.such': '1',
      'retention.ms': 'long',
      'segment.bytes': '10',
      'segment.ms': '1',
    });
    expect(parsed).toMatchObject({ error: 'INVALID_CONFIG' });
    const { message } = parsed as { message: string };
    expect(message).toBe(
      'unknown topic configuration no.such; expected retention.ms to be a valid long, found "long"; ' +
        'expected segment.bytes to be a valid int, found "10"',
    );
  });
});
