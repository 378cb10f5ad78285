import type { Command, CommandKind, CommandOf } from './commands.ts';

/**
 * What a command must have to be decided at all. `core.commands` is an ordinary topic: a record that some other program
 * put there must be told from ours before the engine takes its word for it.
 */
type Shape = 'text' | 'number' | 'object' | 'list' | 'any';

type Required<C> = { readonly [Field in keyof C as undefined extends C[Field] ? never : Field]: Shape };

const cause = { kind: 'text', version: 'number' } as const;
const ofInstance = { ...cause, instanceId: 'text' } as const;
const ofBatch = { ...cause, batchId: 'text', partition: 'number' } as const;
const ofDefinition = { ...cause, processId: 'text', partition: 'number' } as const;
const ofTask = { ...cause, taskKey: 'text' } as const;
const ofChannel = { ...cause, name: 'text', correlationKey: 'text' } as const;
const ofSubscription = { ...ofChannel, waitKey: 'text', instanceId: 'text' } as const;
const ofMessage = { ...ofChannel, messageKey: 'text' } as const;
const ofCorrelation = { ...ofMessage, instanceId: 'text', processId: 'text', waitKey: 'text' } as const;

const shapes: { readonly [Kind in CommandKind]: Required<CommandOf<Kind>> } = {
  deploy: { ...cause, resources: 'list' },
  startInstance: { ...ofInstance, processId: 'text', variables: 'object' },
  cancelInstance: ofInstance,
  startBatch: { ...ofBatch, operation: 'object', filter: 'object' },
  continueBatch: ofBatch,
  cancelBatch: ofBatch,
  suspendDefinition: ofDefinition,
  resumeDefinition: ofDefinition,
  reofferStarts: { ...ofDefinition, name: 'text' },
  suspendInstance: ofInstance,
  resumeInstance: ofInstance,
  modifyInstance: { ...ofInstance, activate: 'list', terminate: 'list' },
  migrateInstance: { ...ofInstance, definitionVersion: 'number', mapping: 'object' },
  moveTokenBack: { ...ofInstance, elementKey: 'text' },
  updateVariables: { ...ofInstance, variables: 'object' },
  continue: ofInstance,
  completeJob: { ...ofInstance, jobKey: 'text', variables: 'object' },
  failJob: { ...ofInstance, jobKey: 'text', attempt: 'number', message: 'text' },
  throwJobError: { ...ofInstance, jobKey: 'text', attempt: 'number', code: 'text' },
  receiveReply: { ...ofInstance, topic: 'text' },
  activateElements: { ...ofInstance, elementKey: 'text', elementIds: 'list' },
  executeAction: { ...ofInstance, elementKey: 'text', action: 'text', variables: 'object' },
  claimTask: { ...ofTask, assignee: 'text' },
  unclaimTask: ofTask,
  updateTask: { ...ofTask, changes: 'object' },
  completeTask: { ...ofTask, variables: 'object' },
  resolveIncident: { ...cause, incidentKey: 'text' },
  publishMessage: { ...ofChannel, ttlMs: 'number', variables: 'object' },
  openSubscription: { ...ofSubscription, processId: 'text', elementId: 'text', isRepeating: 'any' },
  closeSubscription: ofSubscription,
  correlateMessage: { ...ofCorrelation, variables: 'object' },
  confirmCorrelation: ofCorrelation,
  holdCorrelation: ofCorrelation,
  rejectCorrelation: { ...ofCorrelation, reason: 'text' },
  offerMessageStart: { ...ofMessage, variables: 'object', taken: 'list' },
  answerMessageStart: { ...ofMessage, started: 'list' },
  releaseMessageStart: { ...ofChannel, processId: 'text', instanceId: 'text' },
  evaluateConditions: { ...cause, variables: 'object' },
  broadcastSignal: { ...cause, name: 'text', variables: 'object' },
  deliverSignal: {
    ...cause,
    signalKey: 'text',
    name: 'text',
    variables: 'object',
    partition: 'number',
    answers: 'any',
  },
  wakeSignalWait: { ...ofInstance, signalKey: 'text', name: 'text', sequence: 'number', variables: 'object' },
  answerSignal: { ...cause, signalKey: 'text', partition: 'number', count: 'number', reached: 'list' },
  reofferMessages: { ...ofChannel, processId: 'text' },
};

/** Says in what a decoded record falls short of a command; undefined when it is one. */
export function whatLacks(record: { readonly kind: string }): string | undefined {
  if (!Object.hasOwn(shapes, record.kind)) return `expected a command, found the kind "${record.kind}"`;
  const fields = record as Readonly<Record<string, unknown>>;
  for (const [field, shape] of Object.entries(shapes[record.kind as Command['kind']])) {
    if (!matches(fields[field], shape)) return `expected ${record.kind} to have ${field} (${shape})`;
  }
  return undefined;
}

function matches(value: unknown, shape: Shape): boolean {
  switch (shape) {
    case 'text':
      return typeof value === 'string';
    case 'number':
      return typeof value === 'number';
    case 'list':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    default:
      return value !== undefined;
  }
}
