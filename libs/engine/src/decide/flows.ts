import type { FlowNode } from '@millrace/bpmn';
import type { ElementRow } from '@millrace/records';
import { isReset } from './complex-gateway.ts';
import { evaluateCondition, type Surroundings } from './expressions.ts';
import { Failure } from './failure.ts';
import { surroundings, surroundingsOfScope } from './surroundings.ts';
import type { Walk } from './walk.ts';

/**
 * The flows that a token takes out of an element: every one whose condition holds or that has none, the first such out of an
 * exclusive gateway, and the default flow when no condition holds (BPMN 2.0.2 §13.2.1, §13.4).
 */
export function selectFlows(walk: Walk, element: ElementRow): readonly string[] | Failure {
  const node = walk.node(element.elementId);
  const { outgoing, defaultFlow } = node;
  if (outgoing.length === 0) return outgoing;
  // CG2. Nothing has to be taken then, and nothing is that has no condition.
  const resets = node.kind === 'complexGateway' && isReset(walk, element);
  const chosen: string[] = [];
  let around: Surroundings | undefined;
  let someHolds = false;
  for (const flowId of outgoing) {
    if (flowId === defaultFlow) continue;
    const { condition } = walk.flow(flowId);
    if (condition === undefined && resets) continue;
    if (condition !== undefined) {
      around ??= surroundingsOfFlows(walk, element, node, resets);
      const holds = evaluateCondition(condition, around, `flow "${flowId}"`);
      if (holds instanceof Failure) return holds;
      if (!holds) continue;
      someHolds = true;
    }
    chosen.push(flowId);
    if (node.kind === 'exclusiveGateway') return chosen;
  }
  if (!someHolds && defaultFlow !== undefined) chosen.push(defaultFlow);
  if (chosen.length > 0 || resets) return chosen;
  return new Failure('NO_FLOW_TAKEN', `expected a condition to hold at "${node.id}", which has no default flow`);
}

/** What was local to an activity is gone when its conditions are asked. */
function surroundingsOfFlows(walk: Walk, element: ElementRow, { kind }: FlowNode, resets: boolean): Surroundings {
  if (kind === 'exclusiveGateway' || kind === 'inclusiveGateway') return surroundings(walk, element);
  if (kind !== 'complexGateway') return surroundingsOfScope(walk, element.scopeKey);
  const { variables, now } = surroundings(walk, element);
  return { variables: { ...variables, waitingForStart: !resets }, now };
}
