export { type DirectoryLock, noDirectoryLock, systemDirectoryLock } from './directory-lock.ts';
export { LogDirectoryError, type LogDirectoryErrorCode, LogOfflineError } from './errors.ts';
export type { Log } from './log.ts';
export { type LogConfig, defaultLogConfig } from './log-config.ts';
export { LogDirectory, type LogDirectoryOptions, type NewStoredTopic, type TopicRejection } from './log-directory.ts';
export type { RecoveryReport } from './recovery.ts';
export type { StoredTopic } from './stored-topics.ts';
export { type TopicConfigKey, type TopicConfigs, parseTopicConfigs, topicConfigKeys } from './topic-config.ts';
export type * from './types.ts';
