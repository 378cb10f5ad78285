import {
  type MessageSchema,
  array,
  between,
  defaulted,
  int16,
  int32,
  nullable,
  since,
  string,
  struct,
  uuid,
} from '../schema.ts';

/**
 * DeleteTopics, versions 1 to 6. 4 brought compact encoding, 5 error messages, 6 deletion by topic id, for which
 * `topics` replaces `topicNames`.
 */
export const deleteTopicsRequest = {
  apiKey: 20,
  name: 'DeleteTopics',
  versions: [1, 6],
  flexibleSince: 4,
  fields: {
    topics: since(6, array(struct({ name: nullable(string), topicId: defaulted(uuid) }))),
    topicNames: between(0, 5, array(string)),
    timeoutMs: int32,
  },
} as const satisfies MessageSchema;

export const deleteTopicsResponse = {
  apiKey: 20,
  name: 'DeleteTopics response',
  versions: [1, 6],
  flexibleSince: 4,
  fields: {
    throttleTimeMs: defaulted(int32),
    responses: array(
      struct({
        name: nullable(string, 6),
        topicId: since(6, uuid),
        errorCode: int16,
        errorMessage: since(5, nullable(string)),
      }),
    ),
  },
} as const satisfies MessageSchema;
