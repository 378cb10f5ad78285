import { type Grammar, checkExpression, namesOf } from '@millrace/feel';
import { isOwn, qualifierOf } from './merge-imports.ts';
import type { DecisionModel, Expression, TypeDefinition } from './model.ts';
import { type Reading, fault } from './reading.ts';

/**
 * The names that FEEL sees at one place, in the shape of values: a context has those of its entries, a list has one item. `UNKNOWN` is
 * a value of which nobody has said what is in it.
 */
type Shape = { readonly [name: string]: unknown };
const UNKNOWN: unique symbol = Symbol('unknown');

/** Every FEEL text of a model parses, with the names that it may use where it stands. */
export function verifyFeel(reading: Reading, model: DecisionModel): void {
  new FeelCheck(reading, model).all();
}

class FeelCheck {
  /** What is left to look into of one type. */
  #looks = 0;
  readonly #reading: Reading;
  readonly #model: DecisionModel;

  constructor(reading: Reading, model: DecisionModel) {
    this.#reading = reading;
    this.#model = model;
  }

  all(): void {
    const { types, decisions, knowledgeModels } = this.#model;
    for (const [name, type] of Object.entries(types)) if (isOwn({ id: name })) this.#type(type);
    for (const { id, name, requires, logic } of Object.values(decisions).filter(isOwn)) {
      const shape: Record<string, unknown> = {};
      for (const needed of requires.inputs) {
        const input = this.#model.inputs[needed];
        if (input !== undefined) this.#placeOf(shape, input)[input.name] = this.#shapeOf(input.type);
      }
      for (const needed of requires.decisions) {
        const decision = decisions[needed];
        if (decision === undefined) continue;
        const known = this.#shapeOf(decision.type, decision.logic);
        const place = this.#placeOf(shape, decision);
        for (const called of [decision.title, decision.name]) place[called] = known;
      }
      this.#addFunctions(shape, requires.knowledge);
      this.#expression(logic, shape, { id, name: `decision "${name}"` });
    }
    for (const { id, name, knowledge, logic } of Object.values(knowledgeModels).filter(isOwn)) {
      const shape: Record<string, unknown> = { [name]: null };
      this.#addFunctions(shape, knowledge);
      this.#expression(logic, shape, { id, name: `knowledge model "${name}"` });
    }
  }

  /** Where the name of an element stands: what is imported is in a context by the name of the import. */
  #placeOf(shape: Record<string, unknown>, { namespace }: { readonly namespace?: string }): Record<string, unknown> {
    const qualifier = qualifierOf(this.#model, undefined, namespace);
    if (qualifier === undefined) return shape;
    if (!Object.hasOwn(shape, qualifier)) shape[qualifier] = {};
    return shape[qualifier] as Record<string, unknown>;
  }

  #addFunctions(shape: Record<string, unknown>, ids: readonly string[]): void {
    for (const id of ids) {
      const known = this.#model.knowledgeModels[id] ?? this.#model.services[id];
      if (known !== undefined) this.#placeOf(shape, known)[known.name] = null;
    }
  }

  #type({ name, allowed, constraint, components = [] }: TypeDefinition): void {
    const owner = { id: name, name: `item definition "${name}"` };
    for (const tests of [allowed, constraint]) {
      if (tests !== undefined) this.#text(tests, 'unaryTests', {}, owner);
    }
    for (const component of components) this.#type(component);
  }

  /** What a type, or without one the logic, says of the names within a value. */
  #shapeOf(type: string | undefined, logic?: Expression): unknown {
    this.#looks = LOOKS_MAX;
    const known = type === undefined ? UNKNOWN : this.#shapeOfType(type, 0);
    return known === UNKNOWN && logic !== undefined ? this.#shapeOfLogic(logic) : known;
  }

  #shapeOfType(name: string, depth: number): unknown {
    this.#looks -= 1;
    if (depth > DEPTH_MAX || this.#looks < 0 || /^(any|context|list)$/i.test(name)) return UNKNOWN;
    const definition = this.#model.types[name];
    return definition === undefined ? null : this.#shapeOfDefinition(definition, depth);
  }

  #shapeOfDefinition({ base, components, isCollection }: TypeDefinition, depth: number): unknown {
    const single =
      components === undefined
        ? base === undefined
          ? null
          : this.#shapeOfType(base, depth + 1)
        : Object.fromEntries(components.map((part) => [part.name, this.#shapeOfDefinition(part, depth + 1)]));
    return isCollection && single !== UNKNOWN ? [single] : single;
  }

  #shapeOfLogic(logic: Expression): unknown {
    switch (logic.kind) {
      case 'context': {
        const result = logic.entries.find(({ name }) => name === undefined);
        if (result !== undefined) return this.#shapeOf(result.type, result.value);
        return Object.fromEntries(
          logic.entries.map(({ name, type, value }) => [name ?? '', this.#shapeOf(type, value)]),
        );
      }
      case 'relation':
        return [Object.fromEntries(logic.columns.map(({ name, type }) => [name, this.#shapeOf(type)]))];
      case 'decisionTable': {
        if (logic.outputs.length === 1) return this.#shapeOf(logic.outputs[0]?.type);
        const outputs = Object.fromEntries(logic.outputs.map(({ name, type }) => [name, this.#shapeOf(type)]));
        return /^(COLLECT|RULE ORDER|OUTPUT ORDER)$/.test(logic.hitPolicy) ? [outputs] : outputs;
      }
      default:
        return UNKNOWN;
    }
  }

  #expression(expression: Expression, shape: Shape, owner: Owner): void {
    const check = (inner: Expression, more: Shape = {}): void => this.#expression(inner, { ...shape, ...more }, owner);
    switch (expression.kind) {
      case 'literal':
        return this.#text(expression.text, 'expression', shape, owner);
      case 'decisionTable':
        return this.#table(expression, shape, owner);
      case 'context': {
        const more: Record<string, unknown> = {};
        for (const { name, type, value } of expression.entries) {
          check(value, more);
          if (name !== undefined) more[name] = this.#shapeOf(type, value);
        }
        return undefined;
      }
      case 'list':
        return expression.items.forEach((item) => check(item));
      case 'relation':
        return expression.rows.flat().forEach((cell) => check(cell));
      case 'invocation':
        check(expression.called);
        return expression.bindings.forEach(({ value }) => check(value));
      case 'function': {
        const parameters = expression.parameters.map(({ name, type }) => [name, this.#shapeOf(type)]);
        return check(expression.body, Object.fromEntries(parameters) as Shape);
      }
      case 'conditional':
        check(expression.condition);
        check(expression.whenTrue);
        return check(expression.whenFalse);
      case 'filter':
        check(expression.of);
        return check(expression.match, { item: UNKNOWN });
      case 'for':
        check(expression.of);
        return check(expression.result, { [expression.variable]: UNKNOWN, partial: UNKNOWN });
      default:
        check(expression.of);
        return check(expression.satisfies, { [expression.variable]: UNKNOWN });
    }
  }

  #table(table: Extract<Expression, { kind: 'decisionTable' }>, shape: Shape, owner: Owner): void {
    const at = (id: string | undefined): Owner => (id === undefined ? owner : { ...owner, id });
    for (const { id, text, allowed } of table.inputs) {
      this.#text(text, 'expression', shape, at(id));
      if (allowed !== undefined) this.#text(allowed, 'unaryTests', shape, at(id));
    }
    for (const { id, allowed, fallback } of table.outputs) {
      if (allowed !== undefined) this.#text(allowed, 'unaryTests', shape, at(id));
      if (fallback !== undefined) this.#text(fallback, 'expression', shape, at(id));
    }
    for (const { id, tests, results } of table.rules) {
      for (const test of tests) this.#text(test, 'unaryTests', shape, at(id));
      for (const result of results) this.#text(result, 'expression', shape, at(id));
    }
  }

  #text(text: string, grammar: Grammar, shape: Shape, owner: Owner): void {
    if (grammar === 'unaryTests' && text === '-') return;
    const wrong = checkExpression(text, { grammar, names: namesOf(plain(shape) as Shape) });
    if (wrong === undefined) return;
    // `a.first name` may be right where nobody has said what is in `a`: only its values will tell.
    const isUnsure = /[.[]/.test(text) && containsUnknown(shape);
    const message = `${owner.name}: ${wrong}`;
    if (isUnsure) this.#reading.problems.warning(owner.id, 'expression', message);
    else fault(this.#reading, owner.id, 'expression', message);
  }
}

const DEPTH_MAX = 10;
const LOOKS_MAX = 5_000;

interface Owner {
  readonly id: string;
  readonly name: string;
}

function containsUnknown(shape: unknown): boolean {
  if (shape === UNKNOWN) return true;
  return typeof shape === 'object' && shape !== null && Object.values(shape).some(containsUnknown);
}

function plain(shape: unknown): unknown {
  if (shape === UNKNOWN) return null;
  if (Array.isArray(shape)) return shape.map(plain);
  if (typeof shape !== 'object' || shape === null) return shape;
  return Object.fromEntries(Object.entries(shape).map(([name, inner]) => [name, plain(inner)]));
}
