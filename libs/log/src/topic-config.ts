import type { LogConfig } from './log-config.ts';
import { defaultLogConfig, UNLIMITED } from './log-config.ts';

/** One topic configuration of Kafka's that means something here. */
export interface TopicConfigKey {
  readonly name: string;
  readonly type: 'boolean' | 'double' | 'int' | 'long' | 'list' | 'string';
  readonly default: string;
  readonly documentation: string;
}

type Parse = (value: string) => Partial<LogConfig> | undefined;

interface Entry extends TopicConfigKey {
  readonly parse: Parse;
}

const INT_MAX = 2n ** 31n - 1n;
const LONG_MAX = 2n ** 63n - 1n;

function whole(min: number, max: bigint, to: (value: number) => Partial<LogConfig>): Parse {
  return (text) => {
    if (!/^[+-]?\d+$/.test(text.trim())) return undefined;
    const value = BigInt(text.trim().replace('+', ''));
    if (value < BigInt(min) || value > max) return undefined;
    return to(value > BigInt(UNLIMITED) ? UNLIMITED : Number(value));
  };
}

function oneOf<T extends string>(values: readonly T[], to: (value: T) => Partial<LogConfig>): Parse {
  return (text) => {
    const value = values.find((one) => one === text.replaceAll(' ', ''));
    return value === undefined ? undefined : to(value);
  };
}

const ratio =
  (to: (value: number) => Partial<LogConfig>): Parse =>
  (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    return value >= 0 && value <= 1 ? to(value) : undefined;
  };

/** As `2:1,3:1`, partition and broker, or `*` for all. */
const replicas: Parse = (text) => (/^\s*(\*|(\d+:\d+(\s*,\s*\d+:\d+)*)?)\s*$/.test(text) ? {} : undefined);

const long = (min: number): Parse => whole(min, LONG_MAX, () => ({}));
const flag = oneOf(['true', 'false'], () => ({}));
const FOREVER = String(LONG_MAX);

type Row = readonly [
  name: string,
  type: TopicConfigKey['type'],
  value: string,
  parse: Parse,
  documentation?: string | undefined,
];

// Kafka accepts the two cleanup policies in either order.
const cleanupValues = ['delete', 'compact', 'compact,delete', 'delete,compact'] as const;
const compressionValues = ['producer', 'uncompressed', 'gzip', 'snappy', 'lz4', 'zstd'] as const;

const rows: readonly Row[] = [
  [
    'cleanup.policy',
    'list',
    defaultLogConfig.cleanup,
    oneOf(cleanupValues, (value) => ({ cleanup: value === 'delete,compact' ? 'compact,delete' : value })),
    'Remove old segments (delete), keep the last record of each key (compact), or both.',
  ],
  [
    'compression.gzip.level',
    'int',
    '-1',
    oneOf(['-1', '1', '2', '3', '4', '5', '6', '7', '8', '9'], (value) => ({
      gzipLevel: value === '-1' ? undefined : Number(value),
    })),
    'The level of gzip where compression.type is gzip; -1 is its own default.',
  ],
  ['compression.lz4.level', 'int', '9', whole(1, 17n, () => ({}))],
  [
    'compression.type',
    'string',
    'producer',
    oneOf(compressionValues, (value) => ({ compression: value === 'uncompressed' ? 'none' : value })),
    'Batches are kept as the producer packed them (producer), or packed anew in this codec.',
  ],
  [
    'compression.zstd.level',
    'int',
    '3',
    whole(-131_072, 22n, (zstdLevel) => ({ zstdLevel: zstdLevel === 3 ? undefined : zstdLevel })),
    'The level of zstd where compression.type is zstd.',
  ],
  [
    'delete.retention.ms',
    'long',
    String(defaultLogConfig.deleteRetentionMs),
    whole(0, LONG_MAX, (deleteRetentionMs) => ({ deleteRetentionMs })),
    'How long a compacted topic keeps tombstones.',
  ],
  ['file.delete.delay.ms', 'long', '60000', long(0)],
  ['flush.messages', 'long', FOREVER, long(1)],
  ['flush.ms', 'long', FOREVER, long(0)],
  ['follower.replication.throttled.replicas', 'list', '', replicas],
  [
    'index.interval.bytes',
    'int',
    String(defaultLogConfig.indexIntervalBytes),
    whole(0, INT_MAX, (indexIntervalBytes) => ({ indexIntervalBytes })),
    'One index entry for about this many bytes of log.',
  ],
  ['leader.replication.throttled.replicas', 'list', '', replicas],
  ['local.retention.bytes', 'long', '-2', long(-2)],
  ['local.retention.ms', 'long', '-2', long(-2)],
  [
    'max.compaction.lag.ms',
    'long',
    FOREVER,
    whole(1, LONG_MAX, (compactionLagMsMax) => ({ compactionLagMsMax })),
    'The longest a record may stay without being compacted.',
  ],
  [
    'max.message.bytes',
    'int',
    String(defaultLogConfig.messageBytesMax),
    whole(0, INT_MAX, (messageBytesMax) => ({ messageBytesMax })),
    'Largest record batch a producer may send.',
  ],
  ['message.downconversion.enable', 'boolean', 'false', flag],
  // Before the two that it stands for: they win.
  [
    'message.timestamp.difference.max.ms',
    'long',
    FOREVER,
    whole(0, LONG_MAX, (value) =>
      value === UNLIMITED ? {} : { timestampBeforeMsMax: value, timestampAfterMsMax: value },
    ),
    'The older name for both of message.timestamp.before.max.ms and message.timestamp.after.max.ms.',
  ],
  [
    'message.timestamp.after.max.ms',
    'long',
    String(defaultLogConfig.timestampAfterMsMax),
    whole(0, LONG_MAX, (timestampAfterMsMax) => ({ timestampAfterMsMax })),
    'How far the timestamp of a record may lie behind the time of its append.',
  ],
  [
    'message.timestamp.before.max.ms',
    'long',
    FOREVER,
    whole(0, LONG_MAX, (timestampBeforeMsMax) => ({ timestampBeforeMsMax })),
    'How far the timestamp of a record may lie before the time of its append.',
  ],
  [
    'message.timestamp.type',
    'string',
    defaultLogConfig.timestampType,
    oneOf(['CreateTime', 'LogAppendTime'], (timestampType) => ({ timestampType })),
    'Whether records carry the time the producer gave them, or that of their append.',
  ],
  [
    'min.cleanable.dirty.ratio',
    'double',
    String(defaultLogConfig.cleanableRatioMin),
    ratio((cleanableRatioMin) => ({ cleanableRatioMin })),
    'The share of the log that is new before it is compacted.',
  ],
  [
    'min.compaction.lag.ms',
    'long',
    '0',
    whole(0, LONG_MAX, (compactionLagMsMin) => ({ compactionLagMsMin })),
    'How long a record stays whether or not a later one has its key.',
  ],
  [
    'min.insync.replicas',
    'int',
    '1',
    whole(1, INT_MAX, () => ({})),
    'With more than the topic has replicas, acks=all is refused.',
  ],
  ['preallocate', 'boolean', 'false', flag],
  ['remote.log.copy.disable', 'boolean', 'false', flag],
  ['remote.log.delete.on.disable', 'boolean', 'false', flag],
  ['remote.storage.enable', 'boolean', 'false', oneOf(['false'], () => ({}))],
  [
    'retention.bytes',
    'long',
    String(defaultLogConfig.retentionBytes),
    whole(-1, LONG_MAX, (retentionBytes) => ({ retentionBytes: retentionBytes === UNLIMITED ? -1 : retentionBytes })),
    'How large a partition grows before its oldest segments go; -1 is without limit.',
  ],
  [
    'retention.ms',
    'long',
    String(defaultLogConfig.retentionMs),
    whole(-1, LONG_MAX, (retentionMs) => ({ retentionMs: retentionMs === UNLIMITED ? -1 : retentionMs })),
    'How long records are kept; -1 is without limit.',
  ],
  [
    'segment.bytes',
    'int',
    String(defaultLogConfig.segmentBytes),
    whole(14, INT_MAX, (segmentBytes) => ({ segmentBytes })),
    'Size at which a new segment file begins.',
  ],
  [
    'segment.index.bytes',
    'int',
    String(defaultLogConfig.segmentIndexBytes),
    whole(4, INT_MAX, (segmentIndexBytes) => ({ segmentIndexBytes })),
    'Size of the index at which a new segment file begins.',
  ],
  [
    'segment.jitter.ms',
    'long',
    '0',
    whole(0, LONG_MAX, (segmentJitterMs) => ({ segmentJitterMs })),
    'By how much a segment may end earlier than segment.ms says, so that partitions do not all roll at once.',
  ],
  [
    'segment.ms',
    'long',
    String(defaultLogConfig.segmentMs),
    whole(1, LONG_MAX, (segmentMs) => ({ segmentMs })),
    'Age at which a new segment file begins.',
  ],
  ['unclean.leader.election.enable', 'boolean', 'false', flag],
];

const WITHOUT_EFFECT = 'Accepted for the sake of tools that set it; has no effect on a single node.';

const entries: readonly Entry[] = rows.map(([name, type, value, parse, documentation = WITHOUT_EFFECT]) => ({
  name,
  type,
  default: value,
  parse,
  documentation,
}));

export const topicConfigKeys: readonly TopicConfigKey[] = entries;

/** A topic's configuration by Kafka's names, as strings: what clients send and what is stored. */
export type TopicConfigs = Readonly<Record<string, string>>;

/** Reads Kafka's names and strings into a `LogConfig`. Unknown names and bad values are refused, all of them named. */
export function parseTopicConfigs(
  configs: TopicConfigs,
): LogConfig | { readonly error: 'INVALID_CONFIG'; readonly message: string } {
  const unknown = Object.keys(configs).filter((name) => !entries.some((entry) => entry.name === name));
  const problems = unknown.map((name) => `unknown topic configuration ${name}`);
  let config = defaultLogConfig;
  for (const { name, type, parse } of entries) {
    const value = configs[name];
    const parsed = value === undefined ? {} : parse(value);
    if (parsed === undefined) problems.push(`expected ${name} to be a valid ${type}, found "${value}"`);
    else config = { ...config, ...parsed };
  }
  return problems.length === 0 ? config : { error: 'INVALID_CONFIG', message: problems.join('; ') };
}
