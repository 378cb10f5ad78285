import { type JsonValue, toJson } from '@millrace/feel';
import { messageOf } from '@millrace/std';
import { Abort, Evaluation, type OnViolation } from './evaluation.ts';
import { Graph } from './graph.ts';
import type { DecisionModel } from './model.ts';
import { own } from './own.ts';
import type { DecisionTrace } from './trace.ts';

export interface EvaluationOptions {
  /** What `now()` and `today()` answer, in ms since the epoch. */
  readonly now: number;
  /**
   * What happens when values break a rule of the model: the hit policy of a table, a type, allowed values. `fail` (the default) ends the
   * evaluation; `null` goes on with null, which is what the DMN specification says of every failure, and leaves a warning in the trace.
   */
  readonly onViolation?: OnViolation;
}

/** As `DecisionResult`, with the value as FEEL has it: dates are dates, functions can be called. */
export type ComputedDecision = { readonly trace: readonly DecisionTrace[] } & (
  | { readonly value: unknown }
  | { readonly failure: DecisionFailure }
);

export type DecisionResult = { readonly trace: readonly DecisionTrace[] } & (
  | { readonly value: JsonValue }
  | { readonly failure: DecisionFailure }
);

export interface DecisionFailure {
  /** The decision that failed, which may be one that the asked one requires. */
  readonly decisionId: string;
  readonly message: string;
}

/**
 * Evaluates a decision, and before it every decision that it requires, each once.
 *
 * V1. Pure and synchronous: the same model, variables and time give the same result. Never throws, never reads a clock.
 * V2. It ends: steps and size are bounded over all decisions together, as for one expression (libs/feel, F3).
 * V3. The trace has every decision that was evaluated, in order, also when one of them failed.
 *
 * `variables` are JSON by name. Inputs of a temporal type take ISO 8601 text. Variables that are no input of the model can be seen by
 * its expressions too, as in Camunda. `decisionId` may also be the id of a decision service, or of a knowledge model, whose arguments are then
 * the variables of the names of its parameters.
 */
export function evaluateDecision(
  model: DecisionModel,
  decisionId: string,
  variables: Readonly<Record<string, unknown>>,
  options: EvaluationOptions,
): DecisionResult {
  const computed = computeDecision(model, decisionId, variables, options);
  if ('failure' in computed) return computed;
  const { value, trace } = computed;
  try {
    return { value: toJson(value), trace };
  } catch (error) {
    return { failure: failureOf(model, decisionId, error), trace };
  }
}

/** For those who go on computing with the value. `variables` may hold values of FEEL as well as JSON. */
export function computeDecision(
  model: DecisionModel,
  decisionId: string,
  variables: Readonly<Record<string, unknown>>,
  { now, onViolation = 'fail' }: EvaluationOptions,
): ComputedDecision {
  const evaluation = new Evaluation(model, now, onViolation);
  const graph = new Graph(evaluation, variables, new Map(), []);
  const decision = own(model.decisions, decisionId);
  const service = own(model.services, decisionId);
  const knowledge = own(model.knowledgeModels, decisionId);
  if (decision === undefined && service === undefined && knowledge === undefined) {
    const known = Object.keys(model.decisions).join(', ');
    const message = `expected the model "${model.id}" to have a decision "${decisionId}", found ${known}`;
    return { failure: { decisionId, message }, trace: [] };
  }
  try {
    const value =
      service !== undefined
        ? graph.serveVariables(service)
        : knowledge === undefined
          ? graph.decide(decisionId)
          : graph.invoke(knowledge);
    return { value, trace: graph.trace };
  } catch (error) {
    return { failure: failureOf(model, graph.current ?? decisionId, error), trace: graph.trace };
  }
}

function failureOf(model: DecisionModel, decisionId: string, error: unknown): DecisionFailure {
  const name = own(model.decisions, decisionId)?.title ?? decisionId;
  const why = error instanceof Abort ? error.message : messageOf(error);
  return { decisionId, message: `decision "${name}": ${why}` };
}
