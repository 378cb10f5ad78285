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
    ['unclean.leader.election.enable', 'false', {}],
  ] as const)('reads %s=%s', ([name, value, expected]) => {
    expect(parseTopicConfigs({ [name]: value })).toEqual({ ...defaultLogConfig, ...expected });
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
