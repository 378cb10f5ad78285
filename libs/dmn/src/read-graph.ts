import { type ModdleElement, describe, many, one, text } from '@millrace/moddle';
import type {
  Decision,
  DecisionModel,
  DecisionService,
  Expression,
  FunctionExpression,
  InputData,
  KnowledgeModel,
  Variable,
} from './model.ts';
import { idOf, nameOf } from './moddle.ts';
import { normalNamespace } from './library.ts';
import { type ImportedFile, mergeImports, qualifiedId } from './merge-imports.ts';
import { lacking, readExpression, readFunction, typed } from './read-expression.ts';
import { readTypes } from './read-types.ts';
import { type Reading, fault } from './reading.ts';
import { verifyFeel } from './verify-feel.ts';
import { verifyTypes } from './verify-types.ts';
import { verifyModel } from './verify.ts';

/** The decision requirements graph: who needs whom, and what each decides by. */
export function readGraph(
  reading: Reading,
  definitions: ModdleElement,
  namespace: string,
  files: readonly ImportedFile[],
): DecisionModel {
  const { problems } = reading;
  const elements = many(definitions, 'drgElement').filter((element) => hasId(reading, element));
  const of = (type: string): ModdleElement[] => elements.filter(({ $type }) => $type === `dmn:${type}`);
  if (of('Decision').length === 0 && reading.isImported !== true) {
    problems.error(undefined, 'no-decision', 'expected a decision, found none');
  }
  const refer = new References(reading, namespace, elements, files);
  const own: DecisionModel = {
    id: idOf(definitions) ?? 'definitions',
    name: nameOf(definitions) ?? '',
    namespace,
    ...readVersionTag(definitions),
    types: readTypes(reading, many(definitions, 'itemDefinition')),
    inputs: byId(of('InputData'), (element) => readInput(reading, element)),
    decisions: byId(of('Decision'), (element) => readDecision(reading, refer, element)),
    knowledgeModels: byId(of('BusinessKnowledgeModel'), (element) => readKnowledge(reading, refer, element)),
    services: byId(of('DecisionService'), (element) => readService(reading, refer, element)),
  };
  const model = mergeImports(own, files);
  verifyModel(reading, model);
  verifyTypes(reading, model);
  verifyFeel(reading, model);
  return model;
}

/** D3. */
const reserved: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(Object.prototype));

function hasId({ problems }: Reading, element: ModdleElement): boolean {
  const id = idOf(element);
  if (id === undefined) {
    problems.error(undefined, 'id', `expected ${describe(element)} to have an id`);
  } else if (reserved.has(id)) {
    problems.error(element, 'id', `expected another id than "${id}", which JavaScript reserves`);
  } else if (id.includes('#')) {
    problems.error(element, 'id', `expected an id without "#", which tells files apart, found "${id}"`);
  } else {
    return true;
  }
  return false;
}

function byId<T extends { readonly id: string }>(
  elements: readonly ModdleElement[],
  read: (element: ModdleElement) => T | undefined,
): Record<string, T> {
  const found = elements.map(read).filter((one) => one !== undefined);
  return Object.fromEntries(found.map((one) => [one.id, one]));
}

/** The variable of an element says name and type; the element's own name stands in for it. */
function variableOf(
  reading: Reading,
  element: ModdleElement,
): Variable & { readonly id: string; readonly title: string } {
  const variable = one(element, 'variable');
  const name = nameOf(variable) ?? nameOf(element);
  if (name === undefined) reading.problems.error(element, 'name', `expected ${describe(element)} to have a name`);
  return { id: idOf(element) ?? '', title: nameOf(element) ?? name ?? '', name: name ?? '', ...typed(variable) };
}

function readInput(reading: Reading, element: ModdleElement): InputData {
  return variableOf(reading, element);
}

function readDecision(reading: Reading, refer: References, element: ModdleElement): Decision | undefined {
  const information = many(element, 'informationRequirement');
  const requires = {
    inputs: refer.all(element, information, 'requiredInput', ['InputData']),
    decisions: refer.all(element, information, 'requiredDecision', ['Decision']),
    knowledge: refer.knowledge(element),
  };
  const logic = readLogic(reading, element, one(element, 'decisionLogic'));
  if (logic === undefined) return undefined;
  return { ...variableOf(reading, element), ...readVersionTag(element), requires, logic };
}

/** `zeebe:versionTag`, by whatever prefix the file has for Zeebe's namespace. */
function readVersionTag(element: ModdleElement): { readonly versionTag?: string } {
  const extensions = many(one(element, 'extensionElements'), 'values');
  const versionTag = text(
    extensions.find(({ $type }) => /:versionTag$/i.test($type)),
    'value',
  );
  return versionTag === undefined ? {} : { versionTag };
}

function readLogic(reading: Reading, owner: ModdleElement, logic: ModdleElement | undefined): Expression | undefined {
  if (logic !== undefined) return readExpression(reading, logic);
  const how = 'give it a decision table, a literal expression or another boxed expression';
  fault(reading, owner, 'logic', `expected ${describe(owner)} to have a decision logic: ${how}`);
  return lacking(reading);
}

function readKnowledge(reading: Reading, refer: References, element: ModdleElement): KnowledgeModel | undefined {
  const logic = one(element, 'encapsulatedLogic');
  if (logic === undefined) {
    const how = 'give it a function with a body';
    fault(reading, element, 'logic', `expected ${describe(element)} to have an encapsulated logic: ${how}`);
    return undefined;
  }
  const read = readFunction(reading, logic);
  if (read === undefined) return undefined;
  return {
    ...variableOf(reading, element),
    knowledge: refer.knowledge(element),
    logic: read satisfies FunctionExpression,
  };
}

function readService(reading: Reading, refer: References, element: ModdleElement): DecisionService {
  const outputs = refer.hrefs(element, many(element, 'outputDecision'), ['Decision']);
  if (outputs.length === 0) {
    reading.problems.error(element, 'logic', `expected ${describe(element)} to have an output decision`);
  }
  return {
    ...variableOf(reading, element),
    outputs,
    encapsulated: refer.hrefs(element, many(element, 'encapsulatedDecision'), ['Decision']),
    inputDecisions: refer.hrefs(element, many(element, 'inputDecision'), ['Decision']),
    inputs: refer.hrefs(element, many(element, 'inputData'), ['InputData']),
  };
}

/** References are `#id`, or `namespace#id` for another file. */
class References {
  readonly #reading: Reading;
  readonly #namespace: string;
  readonly #types: ReadonlyMap<string, string>;
  readonly #files: readonly ImportedFile[];

  constructor(reading: Reading, namespace: string, elements: readonly ModdleElement[], files: readonly ImportedFile[]) {
    this.#reading = reading;
    this.#namespace = namespace;
    this.#files = files;
    this.#types = new Map(elements.map((element) => [idOf(element) ?? '', element.$type.replace('dmn:', '')]));
  }

  knowledge(owner: ModdleElement): string[] {
    const requirements = many(owner, 'knowledgeRequirement');
    return this.all(owner, requirements, 'requiredKnowledge', ['BusinessKnowledgeModel', 'DecisionService']);
  }

  all(
    owner: ModdleElement,
    requirements: readonly ModdleElement[],
    property: string,
    types: readonly string[],
  ): string[] {
    const references = requirements.map((requirement) => one(requirement, property));
    return this.hrefs(
      owner,
      references.filter((reference) => reference !== undefined),
      types,
    );
  }

  hrefs(owner: ModdleElement, references: readonly ModdleElement[], types: readonly string[]): string[] {
    const ids = references.map((reference) => this.#resolve(owner, text(reference, 'href') ?? '', types));
    return [...new Set(ids.filter((id) => id !== undefined))];
  }

  #resolve(owner: ModdleElement, href: string, types: readonly string[]): string | undefined {
    const { problems } = this.#reading;
    const hash = href.lastIndexOf('#');
    const namespace = normalNamespace(href.slice(0, Math.max(hash, 0)));
    const id = href.slice(hash + 1);
    const isOwn = namespace === '' || namespace === this.#namespace;
    const file = isOwn ? undefined : this.#files.find(({ model }) => model.namespace === namespace);
    if (!isOwn && file === undefined) {
      const wrong = `expected the file of "${id}", which ${describe(owner)} needs, to be imported by this one`;
      problems.error(owner, 'reference', wrong);
      return undefined;
    }
    const type = file === undefined ? this.#types.get(id) : typeIn(file.model, id);
    if (type !== undefined && types.includes(type)) return file === undefined ? id : qualifiedId(namespace, id);
    const found = type === undefined ? 'nothing of that id' : `a ${type}`;
    problems.error(
      owner,
      'reference',
      `expected "${id}", which ${describe(owner)} needs, to be a ${types.join(' or ')}, found ${found}`,
    );
    return undefined;
  }
}

function typeIn(model: DecisionModel, id: string): string | undefined {
  const kinds = {
    InputData: model.inputs,
    Decision: model.decisions,
    BusinessKnowledgeModel: model.knowledgeModels,
    DecisionService: model.services,
  };
  return Object.entries(kinds).find(([, elements]) => Object.hasOwn(elements, id))?.[0];
}
