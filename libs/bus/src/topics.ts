import { assert } from '@millrace/std';
import { jobTypeToTopicPart } from './job-type.ts';

/** Kafka's own limit. */
export const topicNameLengthMax = 249;

export const defaultNamespace = 'millrace.';

/** Every topic name of one installation. */
export interface Topics {
  readonly namespace: string;
  readonly commands: string;
  readonly events: string;
  readonly state: string;
  readonly definitions: string;
  readonly plugins: string;
  readonly startTrigger: string;
  readonly startConfirmation: string;
  readonly messageEvent: string;
  readonly operations: string;
  readonly operationsBulk: string;
  readonly deadLetters: string;
  /** What replies are sent to when a model names no topic of its own. */
  readonly reply: string;
  /** Replies arrive on every topic that starts so. */
  readonly receivePrefix: string;
  job(type: string): string;
  isReceive(topic: string): boolean;
}

/** The names after the namespace are FlowX's where FlowX has one. */
export function topicsOf(namespace: string = defaultNamespace): Topics {
  const problem = namespaceProblem(namespace);
  assert(problem === undefined, problem ?? '');
  const receivePrefix = `${namespace}engine.receive.`;
  return {
    namespace,
    commands: `${namespace}core.commands.v1`,
    events: `${namespace}core.events.v1`,
    state: `${namespace}core.state.v1`,
    definitions: `${namespace}core.definitions.v1`,
    plugins: `${namespace}core.plugins.v1`,
    startTrigger: `${namespace}core.trigger.start.process.v1`,
    startConfirmation: `${namespace}core.confirm.start.process.v1`,
    messageEvent: `${namespace}core.message.event.process.v1`,
    operations: `${namespace}core.trigger.operations.v1`,
    operationsBulk: `${namespace}core.trigger.operations.bulk.v1`,
    deadLetters: `${namespace}core.dead.letters.v1`,
    reply: `${receivePrefix}replies.v1`,
    receivePrefix,
    job: (type) => `${namespace}plugin.${jobTypeToTopicPart(type)}.v1`,
    isReceive: (topic) => topic.length > receivePrefix.length && topic.startsWith(receivePrefix),
  };
}

/** Why this can't be a namespace; undefined when it can. Checked at start, where the operator can still read it. */
export function namespaceProblem(namespace: string): string | undefined {
  if (namespace.length > 100) return `expected a namespace of at most 100 characters, found ${namespace.length}`;
  if (!/^[A-Za-z0-9._-]*$/.test(namespace)) {
    return `expected a namespace of letters, digits, ".", "_" and "-", found ${JSON.stringify(namespace)}`;
  }
  return undefined;
}

/** Why Kafka would refuse this topic name; undefined when it would not. */
export function topicNameProblem(name: string): string | undefined {
  if (name === '' || name === '.' || name === '..') return `expected a topic name, found ${JSON.stringify(name)}`;
  if (name.length > topicNameLengthMax) {
    return `expected a topic name of at most ${topicNameLengthMax} characters, found ${name.length}`;
  }
  if (!/^[A-Za-z0-9._-]+$/.test(name)) {
    return `expected a topic name of letters, digits, ".", "_" and "-", found ${JSON.stringify(name)}`;
  }
  return undefined;
}
