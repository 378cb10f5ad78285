/** With the longest namespace, `plugin.` and `.v1`, a topic name of this type stays within Kafka's 249 characters. */
export const jobTypeLengthMax = 128;

/** A job type as a part of a topic name: what Kafka does not allow there becomes `-`. */
export function jobTypeToTopicPart(type: string): string {
  return type.replace(/[^A-Za-z0-9._-]/gu, '-');
}

/** Why this can't be a job type; undefined when it can. */
export function jobTypeProblem(type: string): string | undefined {
  if (type.trim() === '') return 'expected a job type, found an empty one';
  if (type.length > jobTypeLengthMax) {
    return `expected a job type of at most ${jobTypeLengthMax} characters, found ${type.length}`;
  }
  return undefined;
}

/** Two different job types that one topic would serve, or undefined. Kafka also takes `.` and `_` for the same in metric names, but keeps the topics apart; so do we. */
export function jobTopicCollision(
  types: Iterable<string>,
): { readonly first: string; readonly second: string } | undefined {
  const byPart = new Map<string, string>();
  for (const type of types) {
    const part = jobTypeToTopicPart(type);
    const first = byPart.get(part);
    if (first !== undefined && first !== type) return { first, second: type };
    byPart.set(part, type);
  }
  return undefined;
}
