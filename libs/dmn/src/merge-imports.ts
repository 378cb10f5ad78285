import type { Decision, DecisionModel } from './model.ts';
import { own } from './own.ts';

/** A file that another one imports: by which name that calls it (none: as if it were its own), and what is in it. */
export interface ImportedFile {
  readonly name: string;
  readonly model: DecisionModel;
}

/** What an element of another file is called in the one model that is made of all: `namespace#id`. Ids have no `#`. */
export function qualifiedId(namespace: string, id: string): string {
  return id.includes('#') ? id : `${namespace}#${id}`;
}

/** What is imported was verified where it is from. */
export function isOwn({ id }: { readonly id: string }): boolean {
  return !id.includes('#');
}

/** The decisions of the file itself, without those of the files that it imports. */
export function ownDecisions(model: DecisionModel): readonly Decision[] {
  return Object.values(model.decisions).filter(isOwn);
}

/**
 * One model of a file and those that it imports, theirs included: what is not its own has the namespace of the file that it is from. Each
 * file is in it once, however many import it.
 */
export function mergeImports(model: DecisionModel, files: readonly ImportedFile[]): DecisionModel {
  if (files.length === 0) return model;
  const typeNames = namesOfTypes(files);
  const typed = withTypes(model, (name) => (Object.hasOwn(model.types, name) ? name : (typeNames.get(name) ?? name)));
  const imported = files.map((file) => qualified(file.model));
  const all = [...imported, typed];
  const namedBy = Object.fromEntries(files.map((file) => [file.model.namespace, file.name]));
  return {
    ...typed,
    imports: { ...merge(all, (one) => one.imports ?? {}), [model.namespace]: namedBy },
    types: merge(all, (one) => one.types),
    inputs: merge(all, (one) => one.inputs),
    decisions: merge(all, (one) => one.decisions),
    knowledgeModels: merge(all, (one) => one.knowledgeModels),
    services: merge(all, (one) => one.services),
  };
}

/** fromEntries defines own properties, whatever their names. */
function merge<T>(
  models: readonly DecisionModel[],
  part: (model: DecisionModel) => Readonly<Record<string, T>>,
): Record<string, T> {
  return Object.fromEntries(models.flatMap((model) => Object.entries(part(model))));
}

/** `import.type` of every type that a file gets from those it imports; `type` alone where the import has no name. */
function namesOfTypes(files: readonly ImportedFile[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const { name: file, model } of files) {
    for (const type of Object.keys(model.types)) {
      if (!type.includes('#')) names.set(file === '' ? type : `${file}.${type}`, qualifiedId(model.namespace, type));
    }
  }
  return names;
}

/** The model as another one has it: everything that is its own, with its namespace. */
function qualified(model: DecisionModel): DecisionModel {
  const { namespace } = model;
  const typed = withTypes(model, (name) => (Object.hasOwn(model.types, name) ? qualifiedId(namespace, name) : name));
  const at = (id: string): string => qualifiedId(namespace, id);
  const ids = (list: readonly string[]): string[] => list.map(at);
  const each = <T extends { readonly id: string; readonly namespace?: string }>(
    elements: Readonly<Record<string, T>>,
    change: (element: T) => Partial<T> = () => ({}),
  ): Record<string, T> =>
    Object.fromEntries(
      Object.values(elements).map((element) => [
        at(element.id),
        { ...element, ...change(element), id: at(element.id), namespace: element.namespace ?? namespace },
      ]),
    );
  return {
    ...typed,
    types: Object.fromEntries(Object.entries(typed.types).map(([name, type]) => [at(name), type])),
    inputs: each(typed.inputs),
    decisions: each(typed.decisions, ({ requires: { inputs, decisions, knowledge } }) => ({
      requires: { inputs: ids(inputs), decisions: ids(decisions), knowledge: ids(knowledge) },
    })),
    knowledgeModels: each(typed.knowledgeModels, ({ knowledge }) => ({ knowledge: ids(knowledge) })),
    services: each(typed.services, ({ outputs, encapsulated, inputDecisions, inputs }) => ({
      outputs: ids(outputs),
      encapsulated: ids(encapsulated),
      inputDecisions: ids(inputDecisions),
      inputs: ids(inputs),
    })),
  };
}

/** The properties that name a type, wherever they are. */
const references: ReadonlySet<string> = new Set(['type', 'base', 'returns']);

function withTypes(model: DecisionModel, rename: (type: string) => string): DecisionModel {
  const change = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(change);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [
        key,
        references.has(key) && typeof inner === 'string' ? rename(inner) : change(inner),
      ]),
    );
  };
  return change(model) as DecisionModel;
}

/** By which name elements of one file see those of another; none within one file, or where an import has no name. */
export function qualifierOf(
  { imports, namespace }: DecisionModel,
  from: string | undefined,
  of: string | undefined,
): string | undefined {
  if (imports === undefined || from === of) return undefined;
  const names = own(imports, from ?? namespace);
  const name = names === undefined ? undefined : own(names, of ?? namespace);
  return name === '' ? undefined : name;
}
