import { type ModdleElement, describe, many } from '@millrace/moddle';
import type { EndEvent, FlowNode, IntermediateThrowEvent } from './model.ts';
import type { MultipleAction } from './model-actions.ts';
import type { MultipleTrigger, PartTrigger } from './model-triggers.ts';
import { extension } from './moddle.ts';
import type { Reading } from './reading.ts';

/** The event definitions of an event: its own, and those that it refers to. */
export function eventDefinitions(element: ModdleElement): ModdleElement[] {
  return [...many(element, 'eventDefinitions'), ...many(element, 'eventDefinitionRef')];
}

type Trigger = Extract<FlowNode, { readonly trigger: unknown }>['trigger'];
type Action = EndEvent['action'] | IntermediateThrowEvent['action'];
type First = MultipleAction['first'][number];

/** Whatever of it comes first ends the activity, or belongs to one flow or association: it cannot be one of several. */
const partKinds: ReadonlySet<string> = new Set<PartTrigger['kind']>([
  'startMessage',
  'message',
  'timer',
  'signal',
  'condition',
  'error',
  'escalation',
]);

/** An event with several definitions; `readOne` reads each. */
export function readMultipleTrigger(
  reading: Reading,
  element: ModdleElement,
  readOne: (definition: ModdleElement) => Trigger | undefined,
): MultipleTrigger | undefined {
  const isParallel = element.get('parallelMultiple') === true;
  const before = reading.problems.count;
  if (extension(element, 'millrace:Receive') !== undefined) {
    const wrong = `expected ${describe(element)} to have either a millrace:receive or several event definitions, found both`;
    reading.problems.error(element, 'receive', wrong);
  }
  const triggers = eventDefinitions(element).map(readOne);
  for (const trigger of triggers) {
    if (trigger === undefined) continue;
    const isThrownByActivity = trigger.kind === 'error' || trigger.kind === 'escalation';
    if (partKinds.has(trigger.kind) && !(isParallel && isThrownByActivity)) continue;
    const several = isParallel ? 'a parallel multiple event' : 'a multiple event';
    const wrong = `${describe(element)}: ${several} with ${/^[aeiou]/.test(trigger.kind) ? 'an' : 'a'} ${trigger.kind} event definition is not supported`;
    reading.problems.error(element, 'not-supported', wrong);
  }
  if (reading.problems.count > before) return undefined;
  return { kind: 'multiple', isParallel, triggers: triggers as PartTrigger[] };
}

function isFirst(action: Action): action is First {
  return action.kind === 'signal' || action.kind === 'publish' || action.kind === 'message';
}

function isLast(action: Action): action is MultipleAction['last'] {
  return !isFirst(action) && action.kind !== 'link' && action.kind !== 'multiple';
}

/** A throwing event with several definitions: any number of signals, one message, and one that may end something or is waited for. */
export function readMultipleAction(
  reading: Reading,
  element: ModdleElement,
  readOne: (definition: ModdleElement) => Action | undefined,
): MultipleAction | undefined {
  const before = reading.problems.count;
  const definitions = eventDefinitions(element);
  const messages = definitions.filter(({ $type }) => $type === 'bpmn:MessageEventDefinition');
  if (messages.length > 1) {
    const wrong = `${describe(element)}: several message event definitions on one throwing event are not supported: its extensions say how one is sent`;
    reading.problems.error(element, 'not-supported', wrong);
    return undefined;
  }
  const actions = definitions.map(readOne).filter((action) => action !== undefined);
  const first = actions.filter(isFirst);
  const last = actions.filter(isLast);
  if (first.length + last.length < actions.length || last.length > 1) {
    const found = actions.flatMap((action) => (isFirst(action) ? [] : [action.kind])).join(', ');
    const wrong = `expected ${describe(element)} to throw any number of signals, and one thing at most that ends something or is waited for, found ${found}`;
    reading.problems.error(element, 'not-supported', wrong);
  }
  if (reading.problems.count > before) return undefined;
  return { kind: 'multiple', first, last: last[0] ?? { kind: 'none' } };
}
