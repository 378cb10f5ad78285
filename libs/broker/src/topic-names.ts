import type { StoredTopic } from '@millrace/log';

export const OFFSETS_TOPIC = '__consumer_offsets';
export const TRANSACTIONS_TOPIC = '__transaction_state';

const NAME_LENGTH_MAX = 249;

export function isInternal(name: string): boolean {
  return name === OFFSETS_TOPIC || name === TRANSACTIONS_TOPIC;
}

/** Kafka's rules; the name is also that of directories, so nothing else may pass. */
export function problemOfName(name: string): string | null {
  if (name === '' || name === '.' || name === '..') return `expected a topic name, found "${name}"`;
  if (name.length > NAME_LENGTH_MAX) {
    return `expected a topic name of at most ${NAME_LENGTH_MAX} characters, found ${name.length}`;
  }
  if (!/^[A-Za-z0-9._-]+$/.test(name))
    return `expected letters, digits, ".", "_" and "-" in a topic name, found "${name}"`;
  return null;
}

/** A topic whose name differs in "." and "_" only: Kafka refuses the second, since metrics write both alike. */
export function collidingName(name: string, topics: Iterable<StoredTopic>): string | null {
  if (!/[._]/.test(name)) return null;
  const plain = name.replaceAll('.', '_');
  for (const topic of topics) if (topic.name !== name && topic.name.replaceAll('.', '_') === plain) return topic.name;
  return null;
}

/** Patterns are names, or the start of names with a `*` behind it. */
export function matcher(patterns: readonly string[]): (name: string) => boolean {
  const names = new Set(patterns.filter((pattern) => !pattern.endsWith('*')));
  const prefixes = patterns.filter((pattern) => pattern.endsWith('*')).map((pattern) => pattern.slice(0, -1));
  return (name) => names.has(name) || prefixes.some((prefix) => name.startsWith(prefix));
}
