import type { Callback, NodeAction } from './model-node-actions.ts';
import type { FlowNode } from './model.ts';
import { type ModdleElement, describe, text } from '@millrace/moddle';
import { extension, extensions } from './moddle.ts';
import { readDecision, readJob, readScript, readSending } from './read-action.ts';
import { readCallActivity } from './read-call.ts';
import type { NodeBase } from './read-node.ts';
import { type Reading, optionalDuration, readExpression, readIoMapping } from './reading.ts';
import { verifyActions } from './verify-actions.ts';

/** Whose tokens rest while something is done. What others do is their own kind's to say. */
const withActions: ReadonlySet<string> = new Set([
  'bpmn:Task',
  'bpmn:ManualTask',
  'bpmn:UserTask',
  'bpmn:SendTask',
  'bpmn:ReceiveTask',
]);

const ACTION = 'millrace:Action';
/** What a task is by, an action is by too; without any it does nothing but map its outputs. */
const doings = [
  'zeebe:TaskDefinition',
  'zeebe:Script',
  'zeebe:CalledDecision',
  'zeebe:CalledElement',
  'millrace:Publish',
  'millrace:Message',
] as const;

const NAME = /^[\p{L}_][\p{L}\p{N}_.-]{0,99}$/u;

export function hasActions(element: ModdleElement): boolean {
  return withActions.has(element.$type) && extension(element, ACTION) !== undefined;
}

/** The actions of a node and the elements that they execute, all of them in the node's scope. */
export function readNodeActions(
  reading: Reading,
  element: ModdleElement,
  node: FlowNode,
): { readonly node: FlowNode; readonly inner: readonly FlowNode[] } {
  const found = extensions(element).filter(({ $type }) => $type === ACTION);
  if (found.length === 0) return { node, inner: [] };
  if (!withActions.has(element.$type)) {
    const wrong = `${describe(element)}: a millrace:action is for tasks, manual, user, send and receive tasks`;
    reading.problems.error(element, 'action', wrong);
    return { node, inner: [] };
  }
  const read = found.map((action) => readNodeAction(reading, element, action)).filter((one) => one !== undefined);
  const actions = read.map(({ action }) => action).sort((one, other) => one.order - other.order);
  const inner = read.map((one) => one.does).filter((does) => does !== undefined);
  verifyActions(reading.problems, element, actions, inner);
  if (node.kind === 'userTask' && node.taskListeners?.completing !== undefined && actions.some(completes)) {
    const wrong = `expected ${describe(element)}, which its actions complete, to have no completing listeners: nobody could be refused`;
    reading.problems.error(element, 'listener', wrong);
  }
  return { node: { ...node, actions }, inner };
}

function completes({ isManual, isOptional }: NodeAction): boolean {
  return isManual === true && isOptional !== true;
}

function readNodeAction(
  reading: Reading,
  node: ModdleElement,
  action: ModdleElement,
): { readonly action: NodeAction; readonly does: FlowNode | undefined } | undefined {
  const name = text(action, 'name') ?? '';
  if (!NAME.test(name) || name in {}) {
    const wrong = `expected each millrace:action of ${describe(node)} to have a name of letters, digits, "_", "-" and ".", found "${name}"`;
    reading.problems.error(node, 'action', wrong);
    return undefined;
  }
  const elementId = `${node.id ?? ''}:${name}`;
  const owner = asOwner(node, action, elementId);
  const order = text(action, 'order') ?? '0';
  if (!/^-?\d{1,9}$/.test(order)) {
    const wrong = `expected the order of ${describe(owner)} to be a whole number, found "${order}"`;
    reading.problems.error(node, 'action', wrong);
  }
  const parent = text(action, 'parent');
  const callback = readCallback(reading, owner, action);
  const timer = readTimer(reading, owner, action);
  const condition = readCondition(reading, owner, action);
  const does = readDoing(reading, owner, {
    id: elementId,
    name,
    ...(node.id === undefined ? {} : { scope: node.id, actionOf: node.id }),
    incoming: [],
    outgoing: [],
    ...readIoMapping(reading, owner),
  });
  return {
    action: {
      name,
      elementId,
      order: Number(order),
      ...(action.get('manual') === true ? { isManual: true as const } : {}),
      ...(action.get('optional') === true ? { isOptional: true as const } : {}),
      ...(action.get('repeatable') === true ? { isRepeatable: true as const } : {}),
      ...(parent === undefined ? {} : { parent }),
      ...(callback && { callback }),
      ...(timer && { timer }),
      ...(condition === undefined ? {} : { condition }),
    },
    does,
  };
}

/** What the readers of tasks read it as: its content stands for extension elements, its problems are the node's. */
function asOwner(node: ModdleElement, action: ModdleElement, name: string): ModdleElement {
  const content = { $type: 'bpmn:ExtensionElements', get: (property: string) => action.get(property) };
  return {
    $type: ACTION,
    ...(node.id === undefined ? {} : { id: node.id }),
    name,
    get: (property) => (property === 'extensionElements' ? content : undefined),
  };
}

function readDoing(reading: Reading, owner: ModdleElement, base: NodeBase): FlowNode | undefined {
  const given = doings.filter((type) => extension(owner, type) !== undefined);
  const [doing] = given;
  if (given.length > 1) {
    const wrong = `expected ${describe(owner)} to do one thing, found ${given.join(' and ')}`;
    reading.problems.error(owner, 'action', wrong);
    return undefined;
  }
  switch (doing) {
    case undefined:
      return { ...base, kind: 'task' };
    case 'zeebe:TaskDefinition': {
      const action = readJob(reading, owner);
      return action && { ...base, kind: 'serviceTask', action };
    }
    case 'zeebe:Script': {
      const action = readScript(reading, owner);
      return action && { ...base, kind: 'scriptTask', action };
    }
    case 'zeebe:CalledDecision': {
      const action = readDecision(reading, owner);
      return action && { ...base, kind: 'businessRuleTask', action };
    }
    case 'zeebe:CalledElement':
      return readCallActivity(reading, owner, base);
    default: {
      const action = readSending(reading, owner);
      return action && { ...base, kind: 'sendTask', action };
    }
  }
}

const VARIABLE = /^[\p{L}_][\p{L}\p{N}_]*$/u;

function readCallback(reading: Reading, owner: ModdleElement, action: ModdleElement): Callback | undefined {
  const key = text(action, 'key');
  const timeout = optionalDuration(reading, owner, action, 'timeout', 'action');
  if (action.get('callback') === true) {
    if (key !== undefined && (!VARIABLE.test(key) || key === '__proto__')) {
      const wrong = `expected the key of ${describe(owner)} to be a variable name, found "${key}"`;
      reading.problems.error(owner, 'action', wrong);
    }
    return { ...(key === undefined ? {} : { key }), ...(timeout && { timeout }) };
  }
  if (key !== undefined || timeout !== undefined) {
    const wrong = `expected ${describe(owner)}, which has a ${key === undefined ? 'timeout' : 'key'}, to be a callback`;
    reading.problems.error(owner, 'action', wrong);
  }
  return undefined;
}

const timers = [
  ['delay', 'duration'],
  ['date', 'date'],
  ['cycle', 'cycle'],
] as const;

function readTimer(reading: Reading, owner: ModdleElement, action: ModdleElement): NodeAction['timer'] {
  const given = timers.filter(([property]) => text(action, property) !== undefined);
  if (given.length > 1) {
    const wrong = `expected ${describe(owner)} to have one of delay, date and cycle, found ${given.length} of them`;
    reading.problems.error(owner, 'action', wrong);
  }
  const [property, timer] = given[0] ?? [];
  if (property === undefined || timer === undefined) return undefined;
  const expression = readExpression(reading, owner, text(action, property) ?? '');
  if (expression?.kind === 'literal') {
    const wrong = reading.checks.checkTimer(timer, expression.value);
    if (wrong !== undefined) reading.problems.error(owner, 'timer', `${describe(owner)}: ${property}: ${wrong}`);
  }
  return expression && { timer, expression };
}

function readCondition(reading: Reading, owner: ModdleElement, action: ModdleElement): string | undefined {
  const source = text(action, 'condition');
  if (source === undefined) return undefined;
  const expression = readExpression(reading, owner, source);
  if (expression?.kind === 'feel') return expression.text;
  if (expression !== undefined) {
    const wrong = `expected the condition of ${describe(owner)} to be FEEL that starts with "=", found "${source}"`;
    reading.problems.error(owner, 'condition', wrong);
  }
  return undefined;
}
