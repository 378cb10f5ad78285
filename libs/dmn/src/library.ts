import { type ModdleElement, describe, many, text } from '@millrace/moddle';
import type { ImportedFile } from './merge-imports.ts';
import type { DecisionModel } from './model.ts';
import { namespaceIn, nameOf } from './moddle.ts';
import type { Problems } from './problem.ts';

/** Files that one deployment has reason to bring; each may be as large as the one that imports it. */
const FILES_MAX = 100;

export type ReadFile = (xml: string, open: readonly string[]) => Promise<DecisionModel | string>;

/** The files that may be imported, each read when it first is, and once. `read` gives what is wrong with a file as a sentence. */
export class Library {
  readonly #texts = new Map<string, string>();
  readonly #models = new Map<string, DecisionModel | string>();
  readonly #read: ReadFile;

  constructor(texts: readonly string[], read: ReadFile) {
    this.#read = read;
    for (const xml of texts.slice(0, FILES_MAX)) {
      const namespace = normalNamespace(namespaceIn(xml) ?? '');
      if (!this.#texts.has(namespace)) this.#texts.set(namespace, xml);
    }
  }

  /** What the definitions import. `open`: the namespaces of the files that are being read, of which none may import itself. */
  async importedBy(
    definitions: ModdleElement,
    open: readonly string[],
    problems: Problems,
  ): Promise<readonly ImportedFile[]> {
    const files: ImportedFile[] = [];
    for (const element of many(definitions, 'import')) {
      const namespace = normalNamespace(text(element, 'namespace') ?? '');
      const type = text(element, 'importType');
      if (type !== undefined && !/\bDMN\b/i.test(type)) {
        const wrong = `expected ${describe(element)} to import DMN, found what "${type}" says`;
        problems.error(element, 'not-supported', wrong);
        continue;
      }
      const model = await this.#model(namespace, open);
      if (typeof model === 'string') {
        problems.error(element, 'reference', `expected to read the file that ${describe(element)} names: ${model}`);
      } else {
        files.push({ name: nameOf(element) ?? '', model });
      }
    }
    return files;
  }

  /** What was imported, in the order of its being read. */
  textsRead(): string[] {
    return [...this.#models.keys()].map((namespace) => this.#texts.get(namespace)).filter((xml) => xml !== undefined);
  }

  async #model(namespace: string, open: readonly string[]): Promise<DecisionModel | string> {
    if (open.includes(namespace)) return `"${namespace}" imports itself, by way of others or not`;
    const known = this.#models.get(namespace);
    if (known !== undefined) return known;
    const xml = this.#texts.get(namespace);
    const model =
      xml === undefined
        ? `no file of the namespace "${namespace}" is there; deploy it together with this one`
        : await this.#read(xml, open);
    this.#models.set(namespace, model);
    return model;
  }
}

/** Modellers disagree about the slash at its end. */
export function normalNamespace(namespace: string): string {
  return namespace.replace(/\/+$/, '');
}
