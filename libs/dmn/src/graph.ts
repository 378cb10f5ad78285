import { ANY, type FeelType, type FunctionValue, isContext } from '@millrace/feel';
import { evaluateExpression, functionOf, makeFunction } from './evaluate-expression.ts';
import type { Evaluation } from './evaluation.ts';
import { Frame } from './frame.ts';
import { qualifierOf } from './merge-imports.ts';
import { readTyped } from './model-types.ts';
import type {
  Decision,
  DecisionService,
  FunctionExpression,
  InputData,
  KnowledgeModel,
  TypeDefinition,
  Variable,
} from './model.ts';
import { own } from './own.ts';
import { RequiredValues, besideFunctions } from './required-values.ts';
import { type DecisionTrace, tracedEntries, traced } from './trace.ts';

/** The decisions of a model over one set of inputs. A decision service is a graph of its own over its arguments. */
export class Graph {
  readonly trace: DecisionTrace[];
  /** The decision being evaluated. */
  current: string | undefined;
  readonly #evaluation: Evaluation;
  readonly #variables: Frame;
  /** By id, what is known: decisions, and inputs that have been read. */
  readonly #known: Map<string, unknown>;
  readonly #functions = new Map<string, FunctionValue>();

  constructor(
    evaluation: Evaluation,
    variables: Readonly<Record<string, unknown>>,
    known: Map<string, unknown>,
    trace: DecisionTrace[],
  ) {
    this.trace = trace;
    this.#evaluation = evaluation;
    this.#variables = new Frame(variables);
    this.#known = known;
  }

  /** Without recursion: a chain of requirements may be as long as a file allows. */
  decide(decisionId: string): unknown {
    const { decisions } = this.#evaluation.model;
    const open = [decisionId];
    for (let id = open.at(-1); id !== undefined; id = open.at(-1)) {
      const decision = decisions[id];
      const missing = decision?.requires.decisions.filter((required) => !this.#known.has(required)) ?? [];
      if (!this.#known.has(id) && missing.length > 0) {
        open.push(...missing);
        continue;
      }
      open.pop();
      if (decision !== undefined && !this.#known.has(id)) this.#known.set(id, this.#evaluate(decision));
    }
    return this.#known.get(decisionId) ?? null;
  }

  /** A service over variables by name: those of its input decisions stand for their values. */
  serveVariables(service: DecisionService): unknown {
    const { model, types } = this.#evaluation;
    for (const id of service.inputDecisions) {
      const input = model.decisions[id];
      if (input !== undefined) this.#known.set(id, this.#given(input, types.of(input.type)));
    }
    return this.#served(service);
  }

  /** The outputs of a service, by what is known. */
  serve(service: DecisionService): unknown {
    const [only] = service.outputs;
    if (service.outputs.length === 1 && only !== undefined) return this.decide(only);
    const { decisions } = this.#evaluation.model;
    return Object.fromEntries(service.outputs.map((id) => [decisions[id]?.name ?? id, this.decide(id)]));
  }

  /** A knowledge model over variables by name. */
  invoke({ id, logic }: KnowledgeModel): unknown {
    const { types, run } = this.#evaluation;
    const args = logic.parameters.map(({ name, type }) =>
      readTyped(this.#variables.scope.find(name) ?? null, types.of(type)),
    );
    return this.#functionOf(id).call(args, run);
  }

  #evaluate(decision: Decision): unknown {
    const evaluation = this.#evaluation;
    const before = this.current;
    this.current = decision.id;
    // A service is evaluated in the middle of a decision that calls it: what that one has to tell so far is kept for it.
    const around = evaluation.takeNotes();
    const { values, types } = this.#required(decision);
    let value: unknown = null;
    try {
      const functions = this.#callable(decision.requires.knowledge, decision.namespace);
      const frame = this.#variables.within(functions).within(besideFunctions(values, functions), types);
      const raw = evaluateExpression(evaluation, decision.logic, frame);
      const what = `the result of decision "${decision.title}"`;
      value = evaluation.typed(raw, evaluation.types.of(decision.type), what, decision.type ?? 'Any');
      this.current = before;
      return value;
    } finally {
      this.trace.push({
        decisionId: decision.id,
        name: decision.title,
        inputs: tracedEntries(values, evaluation.traceLeft),
        value: traced(value, evaluation.traceLeft),
        ...evaluation.takeNotes(around),
      });
    }
  }

  #required({ requires: { inputs, decisions }, namespace }: Decision): {
    readonly values: Record<string, unknown>;
    readonly types: Map<string, FeelType>;
  } {
    const { model, types: modelTypes } = this.#evaluation;
    const required = new RequiredValues();
    for (const id of decisions) {
      const decision = model.decisions[id];
      if (decision === undefined) continue;
      // Camunda's models call a decision by its title or id too; the names of variables come first.
      const names = [decision.name, decision.title, id];
      const qualifier = qualifierOf(model, namespace, decision.namespace);
      required.add(qualifier, names, modelTypes.of(decision.type), this.#known.get(id) ?? null);
    }
    for (const id of inputs) {
      const input = model.inputs[id];
      if (input === undefined) continue;
      const qualifier = qualifierOf(model, namespace, input.namespace);
      required.add(qualifier, [input.name], modelTypes.of(input.type), this.#input(input));
    }
    return required;
  }

  #input(input: InputData): unknown {
    if (this.#known.has(input.id)) return this.#known.get(input.id);
    const value = this.#given(input, this.#evaluation.types.of(input.type));
    this.#known.set(input.id, value);
    return value;
  }

  /** What a variable was given, as its type wants it. Inputs of an imported file may be in a context by the name of the import. */
  #given({ name, type, namespace }: InputData, wanted: FeelType): unknown {
    const qualifier = qualifierOf(this.#evaluation.model, undefined, namespace);
    const around = qualifier === undefined ? undefined : this.#variables.scope.find(qualifier);
    const nested = isContext(around) ? own(around, name) : undefined;
    const given = readTyped(nested ?? this.#variables.scope.find(name) ?? null, wanted);
    return this.#evaluation.typed(given, wanted, `input "${name}"`, type ?? 'Any');
  }

  /** Knowledge models and decision services, as functions by name; those of an imported file in a context by the name of the import. */
  #callable(ids: readonly string[], from: string | undefined): Record<string, unknown> {
    const { model } = this.#evaluation;
    const functions = new RequiredValues();
    for (const id of ids) {
      const element = own(model.knowledgeModels, id) ?? own(model.services, id);
      if (element === undefined) continue;
      functions.add(qualifierOf(model, from, element.namespace), [element.name], ANY, this.#functionOf(id));
    }
    return functions.values;
  }

  #functionOf(id: string): FunctionValue {
    const known = this.#functions.get(id);
    if (known !== undefined) return known;
    const { knowledgeModels, services } = this.#evaluation.model;
    const knowledge = knowledgeModels[id];
    const made =
      knowledge === undefined
        ? this.#serviceFunction(services[id] as DecisionService)
        : makeFunction(
            this.#evaluation,
            { ...this.#typed(knowledge, knowledge.logic.type), ...this.#signature(knowledge) },
            // It may call itself by its name: recursion is bounded by the depth of calls.
            new Frame({
              ...this.#callable(knowledge.knowledge, knowledge.namespace),
              ...this.#itself(knowledge.name, id),
            }),
          );
    this.#functions.set(id, made);
    return made;
  }

  #signature({ type, logic }: KnowledgeModel): FunctionExpression {
    const ofType = this.#functionType(type)?.parameters ?? [];
    const parameters = logic.parameters.map((parameter, index) => ({ ...ofType[index], ...parameter }));
    return { kind: 'function', ...(logic.id === undefined ? {} : { id: logic.id }), body: logic.body, parameters };
  }

  /** What a variable's type says of the result: it is that of the function, or in older files that of the result itself. */
  #typed({ type }: Variable, own?: string): { readonly type?: string } {
    const result = own ?? this.#functionType(type)?.returns ?? type;
    return result === undefined ? {} : { type: result };
  }

  #functionType(type: string | undefined): TypeDefinition | undefined {
    const definition = type === undefined ? undefined : own(this.#evaluation.model.types, type);
    return definition?.returns === undefined ? undefined : definition;
  }

  #itself(name: string, id: string): Record<string, FunctionValue> {
    const parameters = this.#evaluation.model.knowledgeModels[id]?.logic.parameters ?? [];
    const call = functionOf(this.#evaluation, parameters, (values) =>
      this.#functionOf(id).call(
        parameters.map((parameter) => values[parameter.name] ?? null),
        this.#evaluation.run,
      ),
    );
    return { [name]: call };
  }

  /** Arguments: first the input data, then the input decisions, in their order. */
  #serviceFunction(service: DecisionService): FunctionValue {
    const { model } = this.#evaluation;
    const inputs = service.inputs.map((id) => model.inputs[id]).filter((input) => input !== undefined);
    const decisions = service.inputDecisions.map((id) => model.decisions[id]).filter((one) => one !== undefined);
    const ofType = this.#functionType(service.type)?.parameters ?? [];
    const parameters = [...inputs, ...decisions].map((one, index) => ({ ...ofType[index], ...one }));
    return functionOf(this.#evaluation, parameters, (values) => {
      const known = new Map(parameters.map(({ id, name }) => [id, values[name] ?? null]));
      return new Graph(this.#evaluation, {}, known, this.trace).#served(service);
    });
  }

  #served(service: DecisionService): unknown {
    const { type } = this.#typed(service);
    const { types } = this.#evaluation;
    return this.#evaluation.typed(
      this.serve(service),
      types.of(type),
      `the result of "${service.name}"`,
      type ?? 'Any',
    );
  }
}
