import type { EventPart } from './model-node-actions.ts';
import type { FlowNode } from './model.ts';
import type { NoTrigger, PartTrigger } from './model-triggers.ts';

type Trigger = Extract<FlowNode, { readonly trigger: unknown }>['trigger'];
export type SingleTrigger = Exclude<Trigger, { readonly kind: 'multiple' }>;

/** What the event waits for: one thing, or several. */
export function triggersOf(node: FlowNode): readonly (SingleTrigger | PartTrigger | NoTrigger)[] {
  if (!('trigger' in node)) return [];
  return node.trigger.kind === 'multiple' ? node.trigger.triggers : [node.trigger];
}

/** The parts of an event that has several definitions: elements of the model beside it. */
export function partsOf(node: FlowNode): EventPart[] {
  if (!('trigger' in node) || node.trigger.kind !== 'multiple') return [];
  const { id: of, scope } = node;
  const shared = {
    kind: 'eventPart',
    of,
    ...(scope === undefined ? {} : { scope }),
    ...('interrupting' in node && node.interrupting !== undefined ? { interrupting: node.interrupting } : {}),
    incoming: [],
    outgoing: [],
    inputs: [],
    outputs: [],
  } as const;
  return node.trigger.triggers.map((trigger, index) => ({ ...shared, id: partId(of, index + 1), trigger }));
}

/** Its id has a colon, which no id of a file can have. */
export function partId(eventId: string, number: number): string {
  return `${eventId}:${number}`;
}
