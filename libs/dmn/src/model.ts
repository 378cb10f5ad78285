/**
 * The executable decision model: what is left of a DMN file when everything that only a person looks at is taken away.
 *
 * D1. Plain, deeply frozen, JSON-serialisable data: `JSON.parse(JSON.stringify(model))` is the same model.
 * D2. Every id that a requirement or a service names exists in the same model, and no decision requires itself, however far around.
 *     What is imported from other files is part of the model, with `namespace#id` as its id.
 * D3. Ids and type names are never names that objects inherit (`constructor`): looking up an unknown one gives undefined.
 */
export interface DecisionModel {
  /** The id of `<definitions>`. */
  readonly id: string;
  readonly name: string;
  readonly namespace: string;
  /** `zeebe:versionTag` in the extension elements of the definitions: of each decision that has none itself. */
  readonly versionTag?: string;
  /** By the namespace of a file, the names of the files that it imports, by theirs. Empty: what is in it is seen by its own name. */
  readonly imports?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly inputs: Readonly<Record<string, InputData>>;
  readonly decisions: Readonly<Record<string, Decision>>;
  readonly knowledgeModels: Readonly<Record<string, KnowledgeModel>>;
  readonly services: Readonly<Record<string, DecisionService>>;
  /** Item definitions by name; those of other files by `namespace#name`. */
  readonly types: Readonly<Record<string, TypeDefinition>>;
}

/** `name` is what FEEL calls it, with any white space within as one space. */
export interface Variable {
  readonly name: string;
  /** A FEEL type or the name of an item definition; absent means any. */
  readonly type?: string;
}

/** `title` is the element's own name, which is that of its variable in most files. */
interface Element extends Variable {
  readonly id: string;
  /** Of the file that it is imported from; absent for what is the model's own. */
  readonly namespace?: string;
  readonly title: string;
}

export type InputData = Element;

export interface Decision extends Element {
  readonly versionTag?: string;
  readonly requires: Requirements;
  readonly logic: Expression;
}

/** Ids, in document order. `knowledge` names knowledge models and decision services: what may be called. */
export interface Requirements {
  readonly inputs: readonly string[];
  readonly decisions: readonly string[];
  readonly knowledge: readonly string[];
}

export interface KnowledgeModel extends Element {
  readonly knowledge: readonly string[];
  readonly logic: FunctionExpression;
}

export interface DecisionService extends Element {
  readonly outputs: readonly string[];
  readonly encapsulated: readonly string[];
  readonly inputDecisions: readonly string[];
  readonly inputs: readonly string[];
}

/** An item definition. Just one of `base`, `components` and `returns` is there. */
export interface TypeDefinition {
  readonly name: string;
  readonly isCollection: boolean;
  readonly base?: string;
  readonly components?: readonly TypeDefinition[];
  /** The type of a function; `parameters` belong to it. */
  readonly returns?: string;
  readonly parameters?: readonly Variable[];
  /** Unary tests that each value (of a collection: each item) must pass. */
  readonly allowed?: string;
  /** Unary tests that the value as a whole must pass (DMN 1.5). */
  readonly constraint?: string;
}

export type Expression =
  | LiteralExpression
  | DecisionTable
  | ContextExpression
  | ListExpression
  | RelationExpression
  | InvocationExpression
  | FunctionExpression
  | ConditionalExpression
  | FilterExpression
  | ForExpression
  | QuantifiedExpression;

interface Typed {
  /** The element's id in the file, for traces and messages. */
  readonly id?: string;
  readonly type?: string;
}

export interface LiteralExpression extends Typed {
  readonly kind: 'literal';
  readonly text: string;
}

export type HitPolicy = 'UNIQUE' | 'FIRST' | 'PRIORITY' | 'ANY' | 'COLLECT' | 'RULE ORDER' | 'OUTPUT ORDER';
export type Aggregation = 'SUM' | 'COUNT' | 'MIN' | 'MAX';

export interface DecisionTable extends Typed {
  readonly kind: 'decisionTable';
  readonly hitPolicy: HitPolicy;
  readonly aggregation?: Aggregation;
  readonly inputs: readonly TableInput[];
  /** One output is the value itself; several are a context by name. */
  readonly outputs: readonly TableOutput[];
  readonly rules: readonly TableRule[];
}

export interface TableInput {
  readonly id?: string;
  readonly label?: string;
  readonly text: string;
  readonly type?: string;
  /** Unary tests that a value must pass to be looked up at all. */
  readonly allowed?: string;
}

export interface TableOutput {
  readonly id?: string;
  readonly name: string;
  readonly type?: string;
  /** A list of expressions. Their order is the priority of the hit policies PRIORITY and OUTPUT ORDER. */
  readonly allowed?: string;
  /** FEEL for when no rule fires. */
  readonly fallback?: string;
}

export interface TableRule {
  readonly id?: string;
  /** Unary tests, one per input. */
  readonly tests: readonly string[];
  /** FEEL, one per output. */
  readonly results: readonly string[];
  readonly annotations?: readonly string[];
}

/** An entry sees those before it. The one without a name, if any, is the value of the whole. */
export interface ContextExpression extends Typed {
  readonly kind: 'context';
  readonly entries: readonly ContextEntry[];
}

export interface ContextEntry {
  readonly name?: string;
  readonly type?: string;
  readonly value: Expression;
}

export interface ListExpression extends Typed {
  readonly kind: 'list';
  readonly items: readonly Expression[];
}

export interface RelationExpression extends Typed {
  readonly kind: 'relation';
  readonly columns: readonly Variable[];
  readonly rows: readonly (readonly Expression[])[];
}

export interface InvocationExpression extends Typed {
  readonly kind: 'invocation';
  readonly called: Expression;
  readonly bindings: readonly { readonly name: string; readonly type?: string; readonly value: Expression }[];
}

export interface FunctionExpression extends Typed {
  readonly kind: 'function';
  readonly parameters: readonly Variable[];
  readonly body: Expression;
}

export interface ConditionalExpression extends Typed {
  readonly kind: 'conditional';
  readonly condition: Expression;
  readonly whenTrue: Expression;
  readonly whenFalse: Expression;
}

export interface FilterExpression extends Typed {
  readonly kind: 'filter';
  readonly of: Expression;
  readonly match: Expression;
}

export interface ForExpression extends Typed {
  readonly kind: 'for';
  readonly variable: string;
  readonly of: Expression;
  readonly result: Expression;
}

export interface QuantifiedExpression extends Typed {
  readonly kind: 'some' | 'every';
  readonly variable: string;
  readonly of: Expression;
  readonly satisfies: Expression;
}
