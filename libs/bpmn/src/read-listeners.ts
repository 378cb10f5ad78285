import type { JobAction, Listeners, TaskListeners } from './model-actions.ts';
import { type ModdleElement, describe, many, one, text } from '@millrace/moddle';
import { extension } from './moddle.ts';
import { readRetries } from './read-action.ts';
import { type Reading, optionalDuration, readHeaders, readTaskHeaders, requiredExpression } from './reading.ts';

const executionEvents = ['beforeAll', 'start', 'end'] as const;
const taskEvents = ['creating', 'assigning', 'updating', 'completing', 'canceling'] as const;

/** `zeebe:executionListeners` of a flow node or a process; empty when it has none. */
export function readListeners(reading: Reading, owner: ModdleElement): { readonly listeners?: Listeners } {
  const container = extension(owner, 'zeebe:ExecutionListeners');
  if (container === undefined) return {};
  const listeners: Listeners = readAll(reading, owner, container, executionEvents);
  for (const event of executionEvents) {
    const why = listeners[event] === undefined ? undefined : whyNone(owner, event);
    if (why !== undefined) refuse(reading, owner, `expected ${describe(owner)} to have no ${event} listeners: ${why}`);
  }
  return Object.keys(listeners).length === 0 ? {} : { listeners };
}

/** `zeebe:taskListeners` of a user task. */
export function readTaskListeners(reading: Reading, owner: ModdleElement): { readonly taskListeners?: TaskListeners } {
  const container = extension(owner, 'zeebe:TaskListeners');
  if (container === undefined) return {};
  const taskListeners: TaskListeners = readAll(reading, owner, container, taskEvents);
  return Object.keys(taskListeners).length === 0 ? {} : { taskListeners };
}

/** As in Zeebe, where an element does not wait before or after what it does. */
function whyNone(owner: ModdleElement, event: (typeof executionEvents)[number]): string | undefined {
  const definitions = many(owner, 'eventDefinitions').map(({ $type }) => $type);
  if (owner.$type === 'bpmn:BoundaryEvent' && definitions.includes('bpmn:CompensateEventDefinition')) {
    return 'put them on what undoes the activity';
  }
  if (event === 'beforeAll') {
    return one(owner, 'loopCharacteristics') === undefined ? 'it is done once' : undefined;
  }
  // It waits for start, and for reset: nobody could say which of the two a listener is about.
  if (owner.$type === 'bpmn:ComplexGateway') return 'put them on the elements around it';
  if (event === 'start') {
    if (owner.$type === 'bpmn:StartEvent') return 'put them on the process or the sub-process that it starts';
    return owner.$type === 'bpmn:BoundaryEvent' ? 'put them on the activity that it is attached to' : undefined;
  }
  if (owner.$type.endsWith('Gateway')) return 'put start listeners on the elements behind it';
  const isErrorEnd = owner.$type === 'bpmn:EndEvent' && definitions.includes('bpmn:ErrorEventDefinition');
  return isErrorEnd ? 'put them on the event that catches the error' : undefined;
}

function readAll<Event extends string>(
  reading: Reading,
  owner: ModdleElement,
  container: ModdleElement,
  events: readonly Event[],
): { readonly [Each in Event]?: readonly JobAction[] } {
  const found: { [Each in Event]?: JobAction[] } = {};
  const seen = new Set<string>();
  for (const listener of many(container, 'listeners')) {
    const name = text(listener, 'eventType') ?? '';
    const event = events.find((known) => known === name);
    if (event === undefined) {
      const wrong = `expected the eventType of each listener of ${describe(owner)} to be one of ${events.join(', ')}, found "${name}"`;
      refuse(reading, owner, wrong);
      continue;
    }
    const pair = `${event} ${text(listener, 'type') ?? ''}`;
    if (seen.has(pair))
      refuse(reading, owner, `expected ${describe(owner)} to have each listener once, found two: ${pair}`);
    seen.add(pair);
    const job = readListener(reading, owner, listener);
    if (job !== undefined) (found[event] ??= []).push(job);
  }
  return found;
}

function readListener(reading: Reading, owner: ModdleElement, listener: ModdleElement): JobAction | undefined {
  const type = requiredExpression(reading, owner, listener, 'type', 'listener');
  const retries = readRetries(reading, owner, listener);
  const timeout = optionalDuration(reading, owner, listener, 'millrace:timeout', 'listener');
  const retryBackoff = optionalDuration(reading, owner, listener, 'millrace:retryBackoff', 'listener');
  const own = one(listener, 'headers');
  if (type === undefined) return undefined;
  return {
    kind: 'job',
    type,
    retries,
    // The listener's own win over those of the element.
    headers: { ...readTaskHeaders(owner), ...(own && readHeaders(own)) },
    ...(timeout && { timeout }),
    ...(retryBackoff && { retryBackoff }),
  };
}

function refuse(reading: Reading, owner: ModdleElement, wrong: string): void {
  reading.problems.error(owner, 'listener', wrong);
}
