import { jobOf } from './job-types.ts';
import type { ExecutableProcess, FlowNode } from './model.ts';
import type { Problems, Rule } from './problem.ts';

/** Elements of a loop that its warning names. */
const RING_NAMED_MAX = 10;

/** What can be executed, and is probably not what was meant: warnings, each with the element. */
export function reviewProcess(process: ExecutableProcess, problems: Problems): void {
  const warn: Warn = (elementId, rule, message) => problems.warning(elementId, rule, message);
  for (const node of Object.values(process.elements)) {
    reviewEnd(node, warn);
    reviewGateway(process, node, warn);
  }
  for (const ring of ringsWithoutWait(process)) {
    const [first = ''] = ring;
    const more = ring.length > RING_NAMED_MAX ? ` and ${ring.length - RING_NAMED_MAX} more` : '';
    const named = `${ring.slice(0, RING_NAMED_MAX).join(', ')}${more}`;
    const message = `nothing in the loop ${named} waits: a token in it may never come to rest, and becomes an incident`;
    warn(first, 'endless-loop', message);
  }
  reviewMessages(process, warn);
}

type Warn = (elementId: string, rule: Rule, message: string) => void;

/** Elements that end, or go on by something that is no sequence flow. */
const mayHaveNoFlow: ReadonlySet<FlowNode['kind']> = new Set(['endEvent', 'eventSubProcess', 'eventPart']);

function reviewEnd(node: FlowNode, warn: Warn): void {
  if (node.outgoing.length > 0 || mayHaveNoFlow.has(node.kind) || 'isForCompensation' in node) return;
  if (node.actionOf !== undefined) return;
  if ('trigger' in node && (node.trigger.kind as string) === 'compensation') return;
  if ('action' in node && node.action.kind === 'link') return;
  warn(node.id, 'dead-end', `a token that leaves "${node.id}" ends there without an end event`);
}

function reviewGateway({ flows }: ExecutableProcess, node: FlowNode, warn: Warn): void {
  if (node.kind !== 'exclusiveGateway' && node.kind !== 'inclusiveGateway') return;
  const { outgoing, defaultFlow, id } = node;
  const canAllFail = outgoing.length > 0 && outgoing.every((flowId) => flows[flowId]?.condition !== undefined);
  if (defaultFlow !== undefined || !canAllFail) return;
  warn(id, 'no-default', `when no condition out of "${id}" holds, its token stands still in an incident`);
}

/** Kinds that pass a token on in the same step. A loop or a boundary event makes any of them wait for others. */
const passing: ReadonlySet<FlowNode['kind']> = new Set([
  'exclusiveGateway',
  'inclusiveGateway',
  'parallelGateway',
  'task',
  'manualTask',
  'intermediateThrowEvent',
  'scriptTask',
]);

function passesOn(node: FlowNode): boolean {
  if (!passing.has(node.kind) || node.loop !== undefined || node.actions !== undefined) return false;
  return jobOf(node) === undefined;
}

/** Rings of elements none of which waits, each once: strongly connected components with an edge in them (Tarjan). */
function ringsWithoutWait(process: ExecutableProcess): string[][] {
  const nodes = Object.values(process.elements).filter(passesOn);
  const members = new Set(nodes.map(({ id }) => id));
  const next = (id: string): string[] =>
    (process.elements[id]?.outgoing ?? [])
      .map((flowId) => process.flows[flowId]?.target ?? '')
      .filter((target) => members.has(target));
  return strongComponents([...members], next).filter(
    ([first = '', ...more]) => more.length > 0 || next(first).includes(first),
  );
}

/** Iterative, since a model may have ten thousand elements in a row. */
function strongComponents(ids: readonly string[], next: (id: string) => readonly string[]): string[][] {
  const found: string[][] = [];
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const onStack = new Set<string>();
  for (const root of ids) {
    if (order.has(root)) continue;
    const path: { readonly id: string; readonly targets: readonly string[]; at: number }[] = [];
    const visit = (id: string): void => {
      order.set(id, order.size);
      low.set(id, order.get(id) ?? 0);
      stack.push(id);
      onStack.add(id);
      path.push({ id, targets: next(id), at: 0 });
    };
    visit(root);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const target = top.targets[top.at];
      top.at += 1;
      if (target === undefined) {
        path.pop();
        const outer = path.at(-1);
        if (outer !== undefined) low.set(outer.id, Math.min(low.get(outer.id) ?? 0, low.get(top.id) ?? 0));
        if (low.get(top.id) === order.get(top.id)) found.push(takeComponent(stack, onStack, top.id));
      } else if (!order.has(target)) visit(target);
      else if (onStack.has(target)) low.set(top.id, Math.min(low.get(top.id) ?? 0, order.get(target) ?? 0));
    }
  }
  return found;
}

function takeComponent(stack: string[], onStack: Set<string>, root: string): string[] {
  const component: string[] = [];
  for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
    onStack.delete(id);
    component.unshift(id);
    if (id === root) break;
  }
  return component;
}

/** One message under two keys: whoever publishes it cannot know which one is meant. */
function reviewMessages({ elements }: ExecutableProcess, warn: Warn): void {
  const keys = new Map<string, { readonly key: string; readonly id: string }>();
  for (const node of Object.values(elements)) {
    if (!('trigger' in node) || node.trigger.kind !== 'message' || node.trigger.name.kind !== 'literal') continue;
    const { name, correlationKey } = node.trigger;
    const key = correlationKey.kind === 'feel' ? `=${correlationKey.text}` : correlationKey.value;
    const first = keys.get(name.value);
    if (first === undefined) keys.set(name.value, { key, id: node.id });
    else if (first.key !== key) {
      const message = `"${node.id}" waits for the message "${name.value}" with the key ${key}, but "${first.id}" with ${first.key}`;
      warn(node.id, 'message-key', message);
    }
  }
}
