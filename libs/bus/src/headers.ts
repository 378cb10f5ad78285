/** Header names of the bus (DESIGN §7). Values are UTF-8 text. */
export const headers = {
  // Copied by FlowX connectors, so these keep FlowX's spelling.
  instanceUuid: 'processInstanceUuid',
  instanceId: 'processInstanceId',
  destinationId: 'destinationId',
  callbackTopic: 'callbackTopic',
  callbacksForAction: 'callbacksForAction',

  // A job.
  job: 'mr-job',
  type: 'mr-type',
  attempt: 'mr-attempt',
  retries: 'mr-retries',
  deadline: 'mr-deadline',
  replyTopic: 'mr-reply-topic',
  /** Of a record that an action publishes and waits for a reply to: the token that it acts on. */
  token: 'mr-token',
  definition: 'mr-definition',
  definitionVersion: 'mr-definition-version',
  taskHeaders: 'mr-task-headers',
  /** What the reply's value is, where that is not the variables alone: `adHocSubProcess`. Copied like all headers. */
  result: 'mr-result',
  listener: 'mr-listener',
  task: 'mr-task',
  traceparent: 'traceparent',

  // What a reply adds when the work failed.
  errorMessage: 'mr-error-message',
  errorCode: 'mr-error-code',
  retryAfter: 'mr-retry-after',

  // Between the engine's own parts.
  /** On `core.events`: the offset on `core.commands` behind the last command that the state after this transaction reflects. */
  input: 'mr-input',
  /** On `core.commands`: the end of `core.definitions` its sender had seen. */
  definitionsSeen: 'mr-definitions-seen',
  requestId: 'mr-request',

  // A dead letter.
  deadReason: 'mr-dead-reason',
  deadMessage: 'mr-dead-message',
  deadTopic: 'mr-dead-topic',
  deadPartition: 'mr-dead-partition',
  deadOffset: 'mr-dead-offset',
} as const;
