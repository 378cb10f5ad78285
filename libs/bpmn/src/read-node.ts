import { type ModdleElement, describe, one, text } from '@millrace/moddle';
import type { Assignment, Form } from './model-actions.ts';
import type {
  BusinessRuleTask,
  EventBasedGateway,
  FlowNode,
  ReceiveTask,
  ScriptTask,
  SendTask,
  ServiceTask,
  UserTask,
} from './model.ts';
import { extension, extensions } from './moddle.ts';
import { readDecision, readJob, readSending, readScript } from './read-action.ts';
import {
  readBoundaryEvent,
  readEndEvent,
  readIntermediateCatchEvent,
  readIntermediateThrowEvent,
  readStartEvent,
  readWait,
} from './read-event.ts';
import { readBinding } from './read-binding.ts';
import { readAdHocSubProcess } from './read-ad-hoc.ts';
import { readCallActivity } from './read-call.ts';
import { readComplexGateway } from './read-complex-gateway.ts';
import { hasActions } from './read-node-actions.ts';
import { readProgress } from './read-progress.ts';
import { readListeners, readTaskListeners } from './read-listeners.ts';
import { readSubProcess } from './read-scope.ts';
import { readLoop } from './read-loop.ts';
import { type Reading, optionalExpression, readIoMapping, readTaskHeaders } from './reading.ts';

/** What every flow node has. */
export type NodeBase = Pick<
  FlowNode,
  | 'id'
  | 'name'
  | 'scope'
  | 'incoming'
  | 'outgoing'
  | 'defaultFlow'
  | 'loop'
  | 'isForCompensation'
  | 'actionOf'
  | 'stage'
  | 'milestone'
  | 'back'
  | 'listeners'
  | 'inputs'
  | 'outputs'
>;

/** Where it is among the others. */
export type Position = Pick<NodeBase, 'id' | 'scope' | 'incoming' | 'outgoing'>;

type NodeReader = (reading: Reading, element: ModdleElement, base: NodeBase) => FlowNode | undefined;

/** What is executed. Every other kind of flow node is refused. */
const nodeReaders: ReadonlyMap<string, NodeReader> = new Map<string, NodeReader>([
  ['bpmn:StartEvent', readStartEvent],
  ['bpmn:EndEvent', readEndEvent],
  ['bpmn:IntermediateCatchEvent', readIntermediateCatchEvent],
  ['bpmn:IntermediateThrowEvent', readIntermediateThrowEvent],
  ['bpmn:BoundaryEvent', readBoundaryEvent],
  ['bpmn:ServiceTask', readServiceTask],
  ['bpmn:SendTask', readSendTask],
  ['bpmn:ReceiveTask', readReceiveTask],
  ['bpmn:UserTask', readUserTask],
  ['bpmn:ScriptTask', readScriptTask],
  ['bpmn:BusinessRuleTask', readBusinessRuleTask],
  ['bpmn:Task', (_reading, _element, base) => ({ ...base, kind: 'task' })],
  ['bpmn:ManualTask', (_reading, _element, base) => ({ ...base, kind: 'manualTask' })],
  ['bpmn:SubProcess', readSubProcess],
  ['bpmn:Transaction', readSubProcess],
  ['bpmn:CallActivity', readCallActivity],
  ['bpmn:AdHocSubProcess', readAdHocSubProcess],
  ['bpmn:ExclusiveGateway', (_reading, _element, base) => ({ ...base, kind: 'exclusiveGateway' })],
  ['bpmn:ParallelGateway', (_reading, _element, base) => ({ ...base, kind: 'parallelGateway' })],
  ['bpmn:InclusiveGateway', (_reading, _element, base) => ({ ...base, kind: 'inclusiveGateway' })],
  ['bpmn:ComplexGateway', readComplexGateway],
  ['bpmn:EventBasedGateway', readEventBasedGateway],
]);

export function readNode(reading: Reading, element: ModdleElement, position: Position): FlowNode | undefined {
  const read = nodeReaders.get(element.$type);
  if (read === undefined) {
    reading.problems.error(element, 'not-supported', `${describe(element)}: this kind of element is not supported yet`);
    return undefined;
  }
  refuseWhatWouldBeIgnored(reading, element);
  const loop = readLoop(reading, element);
  const defaultFlow = defaultTypes.test(element.$type) ? one(element, 'default')?.id : undefined;
  return read(reading, element, {
    ...position,
    ...(element.name === undefined ? {} : { name: element.name }),
    ...(defaultFlow === undefined ? {} : { defaultFlow }),
    ...(loop && { loop }),
    ...(element.get('isForCompensation') === true ? { isForCompensation: true as const } : {}),
    ...readProgress(reading, element),
    ...readListeners(reading, element),
    ...readIoMapping(reading, element),
  });
}

/** What BPMN gives a default flow. */
const defaultTypes = /(Task|Activity|SubProcess|Transaction|ExclusiveGateway|InclusiveGateway|ComplexGateway)$/;

/** Extension elements that change what a model does. Skipping one in silence would execute another process. */
const refusedExtensions: ReadonlySet<string> = new Set(['zeebe:LinkedResources', 'zeebe:AgentDefinition']);

export function refuseWhatWouldBeIgnored(reading: Reading, element: ModdleElement): void {
  const refuse = (what: string): void =>
    reading.problems.error(element, 'not-supported', `${describe(element)}: ${what} not supported yet`);
  for (const { $type } of extensions(element)) {
    if (refusedExtensions.has($type)) refuse(`${$type.replace(/:./, (start) => start.toLowerCase())} is`);
  }
}

function readServiceTask(reading: Reading, element: ModdleElement, base: NodeBase): ServiceTask | undefined {
  const action = readJob(reading, element);
  if (action !== undefined) return { ...base, kind: 'serviceTask', action };
  missing(reading, element, 'zeebe:TaskDefinition', 'job', 'a zeebe:taskDefinition with the type of its job');
  return undefined;
}

function readSendTask(reading: Reading, element: ModdleElement, base: NodeBase): SendTask | undefined {
  const before = reading.problems.count;
  const action = readSending(reading, element);
  if (action !== undefined && hasActions(element)) {
    const wrong = `expected ${describe(element)} to send by itself or by its actions, found both`;
    reading.problems.error(element, 'action', wrong);
  }
  if (action !== undefined) return { ...base, kind: 'sendTask', action };
  if (hasActions(element)) return { ...base, kind: 'sendTask', action: { kind: 'none' } };
  if (reading.problems.count === before) {
    const wrong = `expected ${describe(element)} to have a zeebe:taskDefinition, a millrace:publish or a millrace:message`;
    reading.problems.error(element, 'job', wrong);
  }
  return undefined;
}

function readReceiveTask(reading: Reading, element: ModdleElement, base: NodeBase): ReceiveTask | undefined {
  const trigger = readWait(reading, element, element);
  const instantiate = element.get('instantiate') === true;
  return trigger && { ...base, kind: 'receiveTask', ...(instantiate ? { instantiate } : {}), trigger };
}

function readScriptTask(reading: Reading, element: ModdleElement, base: NodeBase): ScriptTask | undefined {
  const action = readScript(reading, element) ?? readJob(reading, element);
  if (action !== undefined) return { ...base, kind: 'scriptTask', action };
  missing(reading, element, 'zeebe:Script', 'script', 'a zeebe:script: other script languages are not supported');
  return undefined;
}

function readBusinessRuleTask(reading: Reading, element: ModdleElement, base: NodeBase): BusinessRuleTask | undefined {
  const before = reading.problems.count;
  const action = readDecision(reading, element) ?? readJob(reading, element);
  if (action !== undefined) return { ...base, kind: 'businessRuleTask', action };
  if (reading.problems.count > before) return undefined;
  const wrong = `expected ${describe(element)} to have a zeebe:calledDecision, or a zeebe:taskDefinition`;
  reading.problems.error(element, 'decision', wrong);
  return undefined;
}

function readUserTask(reading: Reading, element: ModdleElement, base: NodeBase): UserTask {
  const form = readForm(reading, element);
  return {
    ...base,
    kind: 'userTask',
    assignment: readAssignment(reading, element),
    ...(form && { form }),
    headers: readTaskHeaders(element),
    ...readTaskListeners(reading, element),
  };
}

const assignmentSources = [
  ['zeebe:AssignmentDefinition', 'assignee'],
  ['zeebe:AssignmentDefinition', 'candidateGroups'],
  ['zeebe:AssignmentDefinition', 'candidateUsers'],
  ['zeebe:TaskSchedule', 'dueDate'],
  ['zeebe:TaskSchedule', 'followUpDate'],
  ['zeebe:PriorityDefinition', 'priority'],
] as const;

function readAssignment(reading: Reading, element: ModdleElement): Assignment {
  const entries = assignmentSources.map(([type, property]) => {
    const definition = extension(element, type);
    return [property, definition && optionalExpression(reading, element, definition, property)] as const;
  });
  return Object.fromEntries(entries.filter(([, expression]) => expression !== undefined)) as Assignment;
}

function readForm(reading: Reading, element: ModdleElement): Form | undefined {
  const definition = extension(element, 'zeebe:FormDefinition');
  if (definition === undefined) return undefined;
  const entries = (['formId', 'formKey', 'externalReference'] as const).map(
    (property) => [property, text(definition, property)] as const,
  );
  const form = Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as Form;
  const binding = readBinding(reading, element, definition, 'form');
  if (binding === undefined || binding.kind === 'latest') return form;
  return { ...form, binding: binding.kind, ...(binding.kind === 'versionTag' && { versionTag: binding.versionTag }) };
}

function readEventBasedGateway(
  reading: Reading,
  element: ModdleElement,
  base: NodeBase,
): EventBasedGateway | undefined {
  if (base.outgoing.length < 2) {
    const wrong = `expected ${describe(element)} to have two outgoing flows or more, found ${base.outgoing.length}`;
    reading.problems.error(element, 'gateway', wrong);
  }
  const isParallel = element.get('eventGatewayType') === 'Parallel';
  if (element.get('instantiate') === true) {
    return { ...base, kind: 'eventBasedGateway', instantiate: isParallel ? 'parallel' : 'exclusive' };
  }
  if (isParallel) {
    const wrong = `expected ${describe(element)} to be exclusive: BPMN has parallel ones only to start a process`;
    reading.problems.error(element, 'gateway', wrong);
  }
  return { ...base, kind: 'eventBasedGateway' };
}

/** Says that an extension element is missing, unless it is there and its own problem has been told. */
function missing(reading: Reading, element: ModdleElement, type: string, rule: 'job' | 'script', what: string): void {
  if (extension(element, type) !== undefined) return;
  reading.problems.error(element, rule, `expected ${describe(element)} to have ${what}`);
}
