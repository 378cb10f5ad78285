import type { ElementRow } from '@millrace/records';
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
  const isGateway = node.kind === 'exclusiveGateway' || node.kind === 'inclusiveGateway';
  const chosen: string[] = [];
  let around: Surroundings | undefined;
  let someHolds = false;
  for (const flowId of outgoing) {
    if (flowId === defaultFlow) continue;
    const { condition } = walk.flow(flowId);
    if (condition !== undefined) {
      // What was local to an activity is gone when its conditions are asked.
      around ??= isGateway ? surroundings(walk, element) : surroundingsOfScope(walk, element.scopeKey);
      const holds = evaluateCondition(condition, around, `flow "${flowId}"`);
      if (holds instanceof Failure) return holds;
      if (!holds) continue;
      someHolds = true;
    }
    chosen.push(flowId);
    if (node.kind === 'exclusiveGateway') return chosen;
  }
  if (!someHolds && defaultFlow !== undefined) chosen.push(defaultFlow);
  if (chosen.length > 0) return chosen;
  return new Failure('NO_FLOW_TAKEN', `expected a condition to hold at "${node.id}", which has no default flow`);
}
