export { type LogConfig, defaultLogConfig } from './log-config.ts';
export { type TopicConfigKey, type TopicConfigs, parseTopicConfigs, topicConfigKeys } from './topic-config.ts';
export type * from './types.ts';
