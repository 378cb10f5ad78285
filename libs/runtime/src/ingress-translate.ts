import { createHash } from 'node:crypto';
import {
  type OutgoingRecord,
  type ReceivedRecord,
  type RecordSource,
  type Topics,
  type Unusable,
  headerTexts,
  headers,
  operationsReply,
  readMessageEvent,
  readOperations,
  readReply,
  readStart,
  unusable,
} from '@millrace/bus';
import {
  type AdHocResult,
  type Command,
  instanceIdFromDigest,
  isInstanceId,
  partitionOfCommand,
} from '@millrace/records';
import { unreachable } from '@millrace/std';

export interface IngressRecord extends ReceivedRecord, RecordSource {
  readonly timestamp: number;
}

export interface IngressContext {
  readonly topics: Topics;
  readonly partitionCount: number;
  readonly valueBytesMax: number;
  /** How long a message that came by record waits for somebody who wants it. */
  readonly messageTtlMs: number;
}

/** R11. What one record of the bus becomes: at most one command, for the partition that its content names, and records to send. */
export interface Translation {
  readonly command?: { readonly partition: number; readonly command: Command };
  readonly records?: readonly OutgoingRecord[];
  readonly unusable?: Unusable;
}

/** Reading never throws, and the same record always becomes the same: a repetition is recognised by its source. */
export function translate(context: IngressContext, record: IngressRecord): Translation {
  const { topics, valueBytesMax } = context;
  switch (record.topic) {
    case topics.startTrigger: {
      const request = readStart(record, valueBytesMax);
      return request.kind === 'unusable' ? { unusable: request } : routed(context, start(context, record, request));
    }
    case topics.messageEvent: {
      const message = readMessageEvent(record, valueBytesMax);
      if (message.kind === 'unusable') return { unusable: message };
      const { name, correlationKey, variables, traceparent } = message;
      return routed(context, {
        kind: 'publishMessage',
        version: 1,
        source: sourceOf(record),
        ...optional({ traceparent }),
        name,
        correlationKey,
        ttlMs: context.messageTtlMs,
        variables,
      });
    }
    case topics.operations:
    case topics.operationsBulk:
      return operations(context, record);
    default:
      return reply(context, record);
  }
}

function start(
  context: IngressContext,
  record: IngressRecord,
  request: Exclude<ReturnType<typeof readStart>, Unusable>,
): Command {
  // The id derives from the source, so that a repetition reaches the same partition and is dropped there.
  const { topic, partition, offset, timestamp } = record;
  const digest = createHash('sha256').update(`${topic}/${partition}/${offset}/${timestamp}`).digest();
  return {
    kind: 'startInstance',
    version: 1,
    source: sourceOf(record),
    ...optional({ traceparent: request.traceparent }),
    instanceId: instanceIdFromDigest(digest, context.partitionCount),
    processId: request.processName,
    variables: request.variables,
    reply: {
      topic: context.topics.startConfirmation,
      ...optional({ key: record.key === null ? undefined : Buffer.from(record.key).toString('utf8') }),
      headers: headerTexts(record),
    },
  };
}

function reply(context: IngressContext, record: IngressRecord): Translation {
  const read = readReply(record, context.valueBytesMax);
  if (read.kind === 'unusable') return { unusable: read };
  const common = {
    version: 1,
    source: sourceOf(record),
    instanceId: read.instanceId,
    ...optional({ traceparent: read.traceparent }),
  } as const;
  switch (read.kind) {
    case 'completion':
      return routed(context, { kind: 'completeJob', ...common, jobKey: read.jobKey, variables: read.variables });
    case 'direction': {
      const { variables = {}, ...adHoc } = read.answer;
      return routed(context, {
        kind: 'completeJob',
        ...common,
        jobKey: read.jobKey,
        variables,
        adHoc: adHoc as AdHocResult,
      });
    }
    case 'bpmnError': {
      const { jobKey, attempt, code, message, variables } = read;
      return routed(context, { kind: 'throwJobError', ...common, jobKey, attempt, code, message, variables });
    }
    case 'failure': {
      const { jobKey, attempt, message, retryAfterMs } = read;
      return routed(context, { kind: 'failJob', ...common, jobKey, attempt, message, ...optional({ retryAfterMs }) });
    }
    case 'flowx': {
      // Models name the topic without the namespace.
      const topic = record.topic.slice(context.topics.namespace.length);
      const { action: callbackFor, ...at } = read.callback ?? {};
      const callback = { ...at, ...optional({ callbackFor }) };
      return routed(context, { kind: 'receiveReply', ...common, topic, value: read.value, ...callback });
    }
    default:
      return unreachable(read);
  }
}

/**
 * A bulk record becomes single ones on the operations topic: each is then a record of its own to the target partition's
 * watermark, which could not tell the parts of one apart.
 */
function operations(context: IngressContext, record: IngressRecord): Translation {
  const request = readOperations(record, context.valueBytesMax);
  if (request.kind === 'unusable') return { unusable: request };
  const answer = (error?: Unusable): readonly OutgoingRecord[] =>
    request.callbackTopic === undefined
      ? []
      : [
          operationsReply(
            request.callbackTopic,
            record,
            request.operations.map((operation) => ({ operation, error: error?.message })),
          ),
        ];

  if (record.topic === context.topics.operationsBulk || request.operations.length > 1) {
    const passedOn = record.headers.filter(({ key }) => key !== headers.callbackTopic);
    const singles = request.operations.map((operation) => ({
      topic: context.topics.operations,
      key: record.key,
      value: JSON.stringify(operation),
      headers: passedOn,
    }));
    return { records: [...singles, ...answer()] };
  }

  const command = operationCommand(record, request.operations[0]);
  const translation = command.kind === 'unusable' ? { unusable: command } : routed(context, command);
  return { ...translation, records: answer(translation.unusable) };
}

function operationCommand(
  record: IngressRecord,
  operation: Exclude<ReturnType<typeof readOperations>, Unusable>['operations'][number] | undefined,
): Command | Unusable {
  if (operation === undefined) return unusable('WRONG_SHAPE', 'expected an operation, found none');
  const common = { version: 1, source: sourceOf(record) } as const;
  const { operationType, processInstanceUuid, taskId, owner, author } = operation;
  switch (operationType) {
    case 'TERMINATE':
      if (processInstanceUuid === undefined) return unusable('WRONG_SHAPE', 'expected "processInstanceUuid"');
      return {
        kind: 'cancelInstance',
        ...common,
        instanceId: processInstanceUuid.toLowerCase(),
        reason: author === undefined ? 'terminated by an operation' : `terminated by ${author}`,
      };
    case 'ASSIGN':
      if (taskId === undefined || owner === undefined) return unusable('WRONG_SHAPE', 'expected "taskId" and "owner"');
      // FlowX's operation asks nobody who has the task now.
      return { kind: 'updateTask', ...common, taskKey: taskId, changes: { assignee: owner } };
    case 'UNASSIGN':
      if (taskId === undefined) return unusable('WRONG_SHAPE', 'expected "taskId"');
      return { kind: 'unclaimTask', ...common, taskKey: taskId };
    case 'HOLD':
    case 'UNHOLD':
      if (processInstanceUuid === undefined) return unusable('WRONG_SHAPE', 'expected "processInstanceUuid"');
      return {
        kind: operationType === 'HOLD' ? 'suspendInstance' : 'resumeInstance',
        ...common,
        instanceId: processInstanceUuid.toLowerCase(),
      };
    default:
      return unreachable(operationType);
  }
}

function routed({ partitionCount }: IngressContext, command: Command): Translation {
  if ('instanceId' in command && !isInstanceId(command.instanceId)) {
    return { unusable: unusable('NOT_FOUND', `expected an instance id of this engine, found ${command.instanceId}`) };
  }
  const partition = partitionOfCommand(command, partitionCount);
  if (partition === undefined) {
    return { unusable: unusable('NOT_FOUND', `expected ${command.kind} to name something that can exist here`) };
  }
  return { command: { partition, command } };
}

function sourceOf({ topic, partition, offset }: IngressRecord): RecordSource {
  return { topic, partition, offset };
}

/** Without the undefined ones, which JSON and exact optional types both tell apart from missing ones. */
function optional<Fields extends Record<string, unknown>>(
  fields: Fields,
): Partial<{ [Name in keyof Fields]: Exclude<Fields[Name], undefined> }> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<{
    [Name in keyof Fields]: Exclude<Fields[Name], undefined>;
  }>;
}
