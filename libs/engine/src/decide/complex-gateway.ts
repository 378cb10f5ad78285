import type { ComplexGateway, FlowNode } from '@millrace/bpmn';
import type { ElementRow, GatewayPhaseRow, JoinRow, Key } from '@millrace/records';
import { collectKeys } from '../collect.ts';
import { hasComplexJoins } from '../inclusive-reach.ts';
import { joinRow, joinRowsOf } from '../row-keys.ts';
import { enter } from './enter.ts';
import { isTrue } from './expressions.ts';
import { surroundingsOfScope } from './surroundings.ts';
import type { Walk } from './walk.ts';

/**
 * A complex gateway that joins (BPMN 2.0.2 §10.6.5, §13.4.5, table 13.5).
 *
 * CG1. It is in one of two phases. Waiting for start, it asks its condition whenever a token has come, or a variable has changed while
 *      tokens wait; when that holds, it takes one token of each flow that has any. Then it waits for reset: a further token on a flow
 *      that it has taken one from belongs to the next round, and waits.
 * CG2. It resets when no token can come any more on a flow that has had none, by what an inclusive join knows. It takes what has
 *      come on those flows, and asks the conditions out of it again, `waitingForStart` being false: nothing has to hold then.
 * CG3. Whoever ends a scope asks for the resets in it first: they may have a token for it.
 */
export function isComplexJoin(node: FlowNode): node is ComplexGateway {
  return node.kind === 'complexGateway' && node.incoming.length > 1;
}

/** Whether the tokens that wait are enough. What is neither true nor false does not hold: it may be about what is yet to come. */
export function canActivate(walk: Walk, scopeKey: Key, node: ComplexGateway): boolean {
  const key = joinRow(walk.instanceId, scopeKey, node.id);
  const { draft } = walk.context;
  if (draft.get('gatewayPhase', key) !== undefined) return false;
  const { waiting } = draft.get('join', key) ?? noJoin;
  const { variables, now } = surroundingsOfScope(walk, scopeKey);
  const activationCount = Object.keys(waiting).length;
  if (activationCount === 0) return false;
  const activationCounts = Object.fromEntries(node.incoming.map((flowId) => [flowId, waiting[flowId] ?? 0]));
  const around = { variables: { ...variables, activationCount, activationCounts }, now };
  return isTrue(node.activationCondition ?? 'true', around);
}

const noJoin: JoinRow = { waiting: {} };

/** CG1. Enters the gateway with the tokens that are there. */
export function enterActivated(walk: Walk, scopeKey: Key, { id: elementId }: FlowNode): Key {
  const { context, instanceId } = walk;
  const flowIds = waitingAt(walk, scopeKey, elementId);
  const elementKey = enter(walk, elementId, scopeKey, flowIds, undefined, true);
  context.emit({ kind: 'gateway.activated', instanceId, elementId, elementKey, scopeKey, flowIds });
  return elementKey;
}

/** CG2. Enters the gateway with the tokens that came after its activation: none, perhaps. */
export function enterReset(walk: Walk, scopeKey: Key, elementId: string): Key {
  const { context, instanceId } = walk;
  const consumed = phaseOf(walk, scopeKey, elementId)?.consumed ?? [];
  const late = waitingAt(walk, scopeKey, elementId).filter((flowId) => !consumed.includes(flowId));
  const elementKey = enter(walk, elementId, scopeKey, late, undefined, late.length > 0 ? true : undefined);
  context.emit({ kind: 'gateway.resetting', instanceId, elementId, elementKey, scopeKey });
  return elementKey;
}

/** The flows on which no token is expected any more; undefined when it waits for no reset. */
export function consumedAt(walk: Walk, scopeKey: Key, gatewayId: string): readonly string[] | undefined {
  const phase = phaseOf(walk, scopeKey, gatewayId);
  return phase === undefined || phase.resettingKey !== undefined ? undefined : phase.consumed;
}

/** Of a gateway's element: whether it stands for a reset. */
export function isReset(walk: Walk, { scopeKey, elementId, elementKey }: ElementRow): boolean {
  return phaseOf(walk, scopeKey, elementId)?.resettingKey === elementKey;
}

/** The element is over: if it stood for a reset, the gateway waits for its condition again. */
export function endReset(walk: Walk, element: ElementRow): void {
  if (element.elementKind !== 'complexGateway' || !isReset(walk, element)) return;
  const { context, instanceId } = walk;
  const { elementId, scopeKey } = element;
  context.emit({ kind: 'gateway.reset', instanceId, elementId, scopeKey });
}

/** The scope is over, or begins anew: no gateway in it waits for anything. */
export function forgetPhases(walk: Walk, scopeKey: Key, isMeant: (gatewayId: string) => boolean = () => true): void {
  if (!hasComplexJoins(walk.model)) return;
  const { context, instanceId } = walk;
  const rows = joinRowsOf(instanceId, scopeKey);
  for (const key of collectKeys(context.draft, 'gatewayPhase', rows)) {
    const elementId = key.slice(rows.prefix.length);
    if (isMeant(elementId)) context.emit({ kind: 'gateway.reset', instanceId, elementId, scopeKey });
  }
}

function phaseOf({ context, instanceId }: Walk, scopeKey: Key, gatewayId: string): GatewayPhaseRow | undefined {
  return context.draft.get('gatewayPhase', joinRow(instanceId, scopeKey, gatewayId));
}

function waitingAt({ context, instanceId }: Walk, scopeKey: Key, gatewayId: string): string[] {
  return Object.keys(context.draft.get('join', joinRow(instanceId, scopeKey, gatewayId))?.waiting ?? {});
}
