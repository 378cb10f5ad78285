import type { Topics } from '@millrace/bus';
import type { Admin, NewTopic } from '@millrace/client';
import { RuntimeError } from './errors.ts';

const DAY_MS = 24 * 3_600_000;

/** Above the broker's usual 1 MB: a deployment carries its XML and its model in one command. */
export const CORE_RECORD_BYTES_MAX = 8 * 1024 * 1024;

const kept = { 'cleanup.policy': 'delete', 'retention.ms': '-1', 'retention.bytes': '-1' };
const compacted = { 'cleanup.policy': 'compact', 'retention.ms': '-1', 'retention.bytes': '-1' };
const forDays = (days: number): Record<string, string> => ({
  'cleanup.policy': 'delete',
  'retention.ms': String(days * DAY_MS),
  'retention.bytes': '-1',
});

/** Every topic the engine needs to run, with its explicit configuration: nothing depends on a broker's defaults (DESIGN §6). */
function coreTopics(topics: Topics, partitions: number, replicationFactor: number): NewTopic[] {
  const topic = (name: string, count: number, configs: Record<string, string>): NewTopic => ({
    name,
    partitions: count,
    replicationFactor,
    // Time on a command is what its sender's clock said; R8 needs it to stay what it was.
    configs: { ...configs, 'message.timestamp.type': 'CreateTime' },
  });
  const large = { 'max.message.bytes': String(CORE_RECORD_BYTES_MAX + 1024) };
  return [
    // Trimmed by R14, never by age.
    topic(topics.commands, partitions, { ...kept, ...large }),
    topic(topics.events, partitions, { ...kept, ...large }),
    topic(topics.state, partitions, { ...compacted, ...large }),
    topic(topics.definitions, 1, { ...compacted, ...large }),
    topic(topics.plugins, 1, compacted),
    topic(topics.deadLetters, 1, { ...forDays(30), ...large }),
    // What everything goes through has N partitions; of the rest one carries more than the engine can take.
    topic(topics.reply, partitions, forDays(7)),
    topic(topics.startTrigger, 1, forDays(7)),
    topic(topics.startConfirmation, 1, forDays(7)),
    topic(topics.messageEvent, 1, forDays(7)),
    topic(topics.operations, 1, forDays(7)),
    topic(topics.operationsBulk, 1, forDays(7)),
  ];
}

/** A job or reply topic: anybody's plugin reads or writes it. */
export function exchangeTopic(name: string, partitions: number, replicationFactor: number): NewTopic {
  return { name, partitions, replicationFactor, configs: { ...forDays(7), 'message.timestamp.type': 'CreateTime' } };
}

/** What would lose data or break an invariant if an existing topic had it otherwise. */
const demanded = ['cleanup.policy', 'retention.ms', 'retention.bytes'] as const;

/**
 * Creates what is missing and verifies the rest. Answers with the partition count of the core topics, which is theirs if
 * they existed before: instances live on the partitions that their ids carry.
 */
export async function ensureCoreTopics(
  admin: Admin,
  topics: Topics,
  partitions: number,
  replicationFactor: number,
): Promise<number> {
  const count = (await admin.partitionCount(topics.events)) ?? partitions;
  const wanted = coreTopics(topics, count, replicationFactor);
  const created = await admin.createTopics(wanted);

  const core = new Set([topics.commands, topics.events, topics.state, topics.definitions]);
  for (const topic of wanted) {
    if (created.get(topic.name) === true || !core.has(topic.name)) continue;
    const found = await admin.partitionCount(topic.name);
    if (found !== topic.partitions) throw misconfigured(topic.name, `${topic.partitions} partitions`, String(found));
    const configs = await admin.topicConfigs(topic.name);
    for (const name of demanded) {
      const expected = topic.configs?.[name] ?? '';
      const value = configs.get(name);
      // The retention of a compacted topic does not apply, and brokers differ in what they say of it.
      if (name !== 'cleanup.policy' && topic.configs?.['cleanup.policy'] === 'compact') continue;
      if (value !== undefined && value !== expected) throw misconfigured(topic.name, `${name}=${expected}`, `${value}`);
    }
  }
  return count;
}

function misconfigured(topic: string, expected: string, found: string): RuntimeError {
  return new RuntimeError('TOPIC_MISCONFIGURED', `expected topic ${topic} to have ${expected}, found ${found}`);
}
