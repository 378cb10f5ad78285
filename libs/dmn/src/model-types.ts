import {
  ANY,
  type FeelType,
  type JsonValue,
  type Run,
  Scope,
  builtInType,
  evaluateIn,
  isContext,
  isList,
  parseDate,
  parseDateTime,
  parseDuration,
  parseTime,
} from '@millrace/feel';
import { qualifiedId } from './merge-imports.ts';
import type { DecisionModel, TypeDefinition } from './model.ts';

/** The item definitions of a model as types of FEEL, for one evaluation: allowed values are expressions, and count its steps. */
export class ModelTypes {
  readonly #model: DecisionModel;
  readonly #run: () => Run;
  readonly #known = new Map<string, FeelType>();

  constructor(model: DecisionModel, run: () => Run) {
    this.#model = model;
    this.#run = run;
  }

  /** An item definition, else a built-in type; undefined when the name is neither. */
  named(name: string): FeelType | undefined {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const definition = Object.hasOwn(this.#model.types, name) ? this.#model.types[name] : undefined;
    if (definition === undefined) return builtInType(name) ?? this.#imported(name);
    // Whoever meets it again within itself takes what comes: types may be recursive, values are not.
    this.#known.set(name, ANY);
    const type = this.#typeOf(definition);
    this.#known.set(name, type);
    return type;
  }

  /** `import.type`, as a text of the model's own may name it. */
  #imported(name: string): FeelType | undefined {
    const { imports = {}, namespace } = this.#model;
    for (const [file, as] of Object.entries(imports[namespace] ?? {})) {
      const type = as === '' ? name : name.startsWith(`${as}.`) ? name.slice(as.length + 1) : undefined;
      const qualified = type === undefined ? undefined : qualifiedId(file, type);
      if (qualified !== undefined && Object.hasOwn(this.#model.types, qualified)) return this.named(qualified);
    }
    return undefined;
  }

  /** What a reference allows; everything when there is none or it names nothing, which reading has warned of. */
  of(reference: string | undefined): FeelType {
    return reference === undefined ? ANY : (this.named(reference) ?? ANY);
  }

  #typeOf(definition: TypeDefinition): FeelType {
    const shape = this.#shapeOf(definition);
    // Values that a type allows take the place of those that its base allows.
    const base = definition.allowed !== undefined && shape.kind === 'constrained' ? shape.base : shape;
    const single = this.#constrained(base, definition.allowed);
    const whole: FeelType = definition.isCollection ? { kind: 'list', of: single } : single;
    return this.#constrained(whole, definition.constraint);
  }

  #shapeOf({ base, components, returns, parameters }: TypeDefinition): FeelType {
    if (components !== undefined) {
      return { kind: 'context', entries: components.map((part) => [part.name, this.#typeOf(part)]) };
    }
    if (returns !== undefined) return { kind: 'function', parameterCount: parameters?.length ?? 0 };
    return this.of(base);
  }

  #constrained(base: FeelType, tests: string | undefined): FeelType {
    if (tests === undefined) return base;
    const allows = (value: unknown): boolean => {
      const scope = new Scope({ '?': value ?? null });
      const outcome = evaluateIn(tests, 'unaryTests', scope, scope.names, this.#run());
      return 'value' in outcome && outcome.value === true;
    };
    return { kind: 'constrained', base, allows };
  }
}

/** JSON has no dates: a text becomes one where the type says so. What does not fit stays as it is, for the type check to find. */
export function readTyped(value: unknown, type: FeelType): unknown {
  switch (type.kind) {
    case 'simple':
      return typeof value === 'string' ? readText(value, type.name) : value;
    case 'duration':
      return typeof value === 'string' ? (parseDuration(value) ?? value) : value;
    case 'list':
      return isList(value) ? value.map((item) => readTyped(item, type.of)) : value;
    case 'context': {
      if (!isContext(value)) return value;
      const types = new Map(type.entries);
      return Object.fromEntries(
        Object.entries(value).map(([name, entry]) => [name, readTyped(entry, types.get(name) ?? ANY)]),
      );
    }
    case 'constrained':
      return readTyped(value, type.base);
    default:
      return value;
  }
}

function readText(text: string, kind: string): unknown {
  switch (kind) {
    case 'date':
      return parseDate(text) ?? text;
    case 'time':
      return parseTime(text) ?? text;
    case 'date and time':
      return parseDateTime(text) ?? text;
    case 'years and months duration':
    case 'days and time duration':
      return parseDuration(text) ?? text;
    default:
      return text satisfies JsonValue;
  }
}
