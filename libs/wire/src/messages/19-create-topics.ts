import {
  type MessageSchema,
  array,
  boolean,
  defaulted,
  int16,
  int32,
  int8,
  nullable,
  since,
  string,
  struct,
  tagged,
  uuid,
} from '../schema.ts';

/**
 * CreateTopics, versions 2 to 7. From 4 on -1 asks for the default partition count and replication factor, 5 brought
 * compact encoding and the created configuration in the answer, 7 the topic id.
 */
export const createTopicsRequest = {
  apiKey: 19,
  name: 'CreateTopics',
  versions: [2, 7],
  flexibleSince: 5,
  fields: {
    topics: array(
      struct({
        name: string,
        numPartitions: int32,
        replicationFactor: int16,
        assignments: defaulted(array(struct({ partition: int32, brokerIds: array(int32) }))),
        configs: defaulted(array(struct({ name: string, value: nullable(string) }))),
      }),
    ),
    timeoutMs: int32,
    validateOnly: defaulted(boolean),
  },
} as const satisfies MessageSchema;

export const createTopicsResponse = {
  apiKey: 19,
  name: 'CreateTopics response',
  versions: [2, 7],
  flexibleSince: 5,
  fields: {
    throttleTimeMs: defaulted(int32),
    topics: array(
      struct({
        name: string,
        topicId: since(7, uuid),
        errorCode: int16,
        errorMessage: defaulted(nullable(string)),
        topicConfigErrorCode: tagged(0, 5, int16),
        numPartitions: since(5, int32, -1),
        replicationFactor: since(5, int16, -1),
        configs: since(
          5,
          nullable(
            array(
              struct({
                name: string,
                value: nullable(string),
                readOnly: boolean,
                configSource: int8,
                isSensitive: boolean,
              }),
            ),
          ),
        ),
      }),
    ),
  },
} as const satisfies MessageSchema;
