import type { Binding, DecisionAction } from '@millrace/bpmn';
import { type DecisionTrace, evaluateDecision } from '@millrace/dmn';
import type { ElementRow } from '@millrace/records';
import { ofElement } from './close.ts';
import { evaluateText } from './expressions.ts';
import { Failure } from './failure.ts';
import { surroundings } from './surroundings.ts';
import { howBound, latestWhere } from './version-tag.ts';
import type { KnownDecision } from '../view.ts';
import type { Walk } from './walk.ts';

/** Of the decisions and rules on the way to a failure, how many the incident names. */
const TRACE_LENGTH_MAX = 2_000;

/** The value of the decision over all that the element sees, or why there is none. */
export function decideByRules(walk: Walk, element: ElementRow, action: DecisionAction): { value: unknown } | Failure {
  const { context } = walk;
  const around = surroundings(walk, element);
  const decisionId = evaluateText(action.decisionId, around, 'the decision id');
  if (decisionId instanceof Failure) return decisionId;
  const decision = boundDecision(walk, decisionId, action.binding);
  if (decision === undefined) {
    const message = `expected the decision "${decisionId}" to be deployed${howBound(action.binding)}`;
    return new Failure('DECISION_FAILED', message);
  }
  const result = evaluateDecision(decision.model, decisionId, around.variables, { now: around.now });
  if ('failure' in result) {
    return new Failure('DECISION_FAILED', result.failure.message + traceOf(result.trace));
  }
  context.emit({
    kind: 'decision.evaluated',
    ...ofElement(element),
    decisionId,
    decisionVersion: decision.version,
    decisions: result.trace.map((one) => ({ decisionId: one.decisionId, rules: rulesOf(one) })),
  });
  return { value: result.value };
}

function boundDecision({ context, model }: Walk, decisionId: string, binding: Binding): KnownDecision | undefined {
  const { draft } = context;
  switch (binding.kind) {
    case 'latest':
      return draft.decision(decisionId);
    case 'deployment': {
      const version = model.decisionsDeployedWith?.[decisionId];
      return version === undefined ? undefined : draft.decision(decisionId, version);
    }
    default:
      return latestWhere(
        (version) => draft.decision(decisionId, version),
        ({ model: { decisions, versionTag } }) =>
          (decisions[decisionId]?.versionTag ?? versionTag) === binding.versionTag,
      );
  }
}

function rulesOf({ tables }: DecisionTrace): number[] {
  return tables.flatMap(({ fired }) => fired.map(({ index }) => index));
}

/** What a person needs to see where it went wrong: what each decision saw, and what fired. */
function traceOf(trace: readonly DecisionTrace[]): string {
  if (trace.length === 0) return '';
  const lines = trace.map((one) => {
    const warnings = one.warnings.map(({ message }) => `; ${message}`).join('');
    return `${one.decisionId} saw ${JSON.stringify(one.inputs)}, rules fired: ${rulesOf(one).join(', ') || 'none'}${warnings}`;
  });
  const text = lines.join(' | ');
  return ` (${text.length > TRACE_LENGTH_MAX ? `${text.slice(0, TRACE_LENGTH_MAX)}…` : text})`;
}
