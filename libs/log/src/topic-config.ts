import type { LogConfig } from './log-config.ts';
import { defaultLogConfig } from './log-config.ts';

/** One topic configuration of Kafka's that means something here. */
export interface TopicConfigKey {
  readonly name: string;
  readonly type: 'int' | 'long' | 'list' | 'string';
  readonly default: string;
  readonly documentation: string;
}

type Parse = (value: string) => Partial<LogConfig> | undefined;

interface Entry extends TopicConfigKey {
  readonly parse: Parse;
}

function whole(min: number, max: number, to: (value: number) => Partial<LogConfig>): Parse {
  return (text) => {
    const value = Number(text);
    return /^-?\d+$/.test(text.trim()) && value >= min && value <= max ? to(value) : undefined;
  };
}

function oneOf<T extends string>(values: readonly T[], to: (value: T) => Partial<LogConfig>): Parse {
  return (text) => {
    const value = values.find((one) => one === text.replaceAll(' ', ''));
    return value === undefined ? undefined : to(value);
  };
}

// Known to Kafka and to tools that set them, without a meaning for a single node that keeps batches as they come.
const withoutEffect: readonly (readonly [name: string, type: TopicConfigKey['type'], value: string])[] = [
  ['file.delete.delay.ms', 'long', '0'],
  ['flush.messages', 'long', '9223372036854775807'],
  ['flush.ms', 'long', '9223372036854775807'],
  ['max.compaction.lag.ms', 'long', '9223372036854775807'],
  ['message.downconversion.enable', 'string', 'false'],
  ['message.timestamp.after.max.ms', 'long', '9223372036854775807'],
  ['message.timestamp.before.max.ms', 'long', '9223372036854775807'],
  ['min.cleanable.dirty.ratio', 'string', '0.5'],
  ['min.compaction.lag.ms', 'long', '0'],
  ['preallocate', 'string', 'false'],
  ['segment.index.bytes', 'int', '10485760'],
  ['segment.jitter.ms', 'long', '0'],
  ['unclean.leader.election.enable', 'string', 'false'],
];

const INT_MAX = 2 ** 31 - 1;
const LONG_MAX = Number.MAX_SAFE_INTEGER;

// Kafka accepts the two cleanup policies in either order.
const cleanupValues = ['delete', 'compact', 'compact,delete', 'delete,compact'] as const;

const entries: readonly Entry[] = [
  {
    name: 'cleanup.policy',
    type: 'list',
    default: defaultLogConfig.cleanup,
    documentation: 'Remove old segments (delete), keep the last record of each key (compact), or both.',
    parse: oneOf(cleanupValues, (value) => ({ cleanup: value === 'delete,compact' ? 'compact,delete' : value })),
  },
  {
    name: 'compression.type',
    type: 'string',
    default: 'producer',
    documentation: 'Batches are kept as the producer compressed them; nothing else is offered.',
    parse: oneOf(['producer'], () => ({})),
  },
  {
    name: 'delete.retention.ms',
    type: 'long',
    default: String(defaultLogConfig.deleteRetentionMs),
    documentation: 'How long a compacted topic keeps tombstones.',
    parse: whole(0, LONG_MAX, (deleteRetentionMs) => ({ deleteRetentionMs })),
  },
  {
    name: 'index.interval.bytes',
    type: 'int',
    default: String(defaultLogConfig.indexIntervalBytes),
    documentation: 'One index entry for about this many bytes of log.',
    parse: whole(0, INT_MAX, (indexIntervalBytes) => ({ indexIntervalBytes })),
  },
  {
    name: 'max.message.bytes',
    type: 'int',
    default: String(defaultLogConfig.messageBytesMax),
    documentation: 'Largest record batch a producer may send.',
    parse: whole(0, INT_MAX, (messageBytesMax) => ({ messageBytesMax })),
  },
  {
    name: 'message.timestamp.type',
    type: 'string',
    default: defaultLogConfig.timestampType,
    documentation: 'Whether records carry the time the producer gave them, or that of their append.',
    parse: oneOf(['CreateTime', 'LogAppendTime'], (timestampType) => ({ timestampType })),
  },
  {
    name: 'min.insync.replicas',
    type: 'int',
    default: '1',
    documentation: 'There is one replica.',
    parse: whole(1, 1, () => ({})),
  },
  {
    name: 'retention.bytes',
    type: 'long',
    default: String(defaultLogConfig.retentionBytes),
    documentation: 'How large a partition grows before its oldest segments go; -1 is without limit.',
    parse: whole(-1, LONG_MAX, (retentionBytes) => ({ retentionBytes })),
  },
  {
    name: 'retention.ms',
    type: 'long',
    default: String(defaultLogConfig.retentionMs),
    documentation: 'How long records are kept; -1 is without limit.',
    parse: whole(-1, LONG_MAX, (retentionMs) => ({ retentionMs })),
  },
  {
    name: 'segment.bytes',
    type: 'int',
    default: String(defaultLogConfig.segmentBytes),
    documentation: 'Size at which a new segment file begins.',
    parse: whole(1024, INT_MAX, (segmentBytes) => ({ segmentBytes })),
  },
  {
    name: 'segment.ms',
    type: 'long',
    default: String(defaultLogConfig.segmentMs),
    documentation: 'Age at which a new segment file begins.',
    parse: whole(1, LONG_MAX, (segmentMs) => ({ segmentMs })),
  },
  ...withoutEffect.map(([name, type, value]) => ({
    name,
    type,
    default: value,
    documentation: 'Accepted for the sake of tools that set it; has no effect here.',
    parse: () => ({}),
  })),
];

export const topicConfigKeys: readonly TopicConfigKey[] = entries;

/** A topic's configuration by Kafka's names, as strings: what clients send and what is stored. */
export type TopicConfigs = Readonly<Record<string, string>>;

/** Reads Kafka's names and strings into a `LogConfig`. Unknown names and bad values are refused, all of them named. */
export function parseTopicConfigs(
  configs: TopicConfigs,
): LogConfig | { readonly error: 'INVALID_CONFIG'; readonly message: string } {
  const problems: string[] = [];
  let config = defaultLogConfig;
  for (const [name, value] of Object.entries(configs)) {
    const entry = entries.find((one) => one.name === name);
    const parsed = entry?.parse(value);
    if (entry === undefined) problems.push(`unknown topic configuration ${name}`);
    else if (parsed === undefined) problems.push(`expected ${name} to be a valid ${entry.type}, found "${value}"`);
    else config = { ...config, ...parsed };
  }
  return problems.length === 0 ? config : { error: 'INVALID_CONFIG', message: problems.join('; ') };
}
