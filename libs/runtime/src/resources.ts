import type { KnownDecision, KnownForm } from '@millrace/engine';
import type { DeployedForm, DeployedGraph } from './resource-records.ts';

/** One version of one decision, and the file it came with. */
export interface DeployedDecision extends KnownDecision {
  readonly graph: DeployedGraph;
}

/** The versions of things by id. The topic may be compacted, and a newer version read before an older one. */
class Versions<T extends { readonly version: number }> {
  readonly #byId = new Map<string, Map<number, T>>();
  readonly #latest = new Map<string, T>();

  add(id: string, one: T): void {
    let versions = this.#byId.get(id);
    if (versions === undefined) this.#byId.set(id, (versions = new Map()));
    versions.set(one.version, one);
    const latest = this.#latest.get(id);
    if (latest === undefined || latest.version <= one.version) this.#latest.set(id, one);
  }

  get(id: string, version: number | undefined): T | undefined {
    return version === undefined ? this.#latest.get(id) : this.#byId.get(id)?.get(version);
  }

  /** The newest first. */
  of(id: string): T[] {
    return [...(this.#byId.get(id)?.values() ?? [])].sort((one, other) => other.version - one.version);
  }

  latest(): Iterable<T> {
    return this.#latest.values();
  }
}

/** Decisions and forms, as far as this process has read `core.definitions`. */
export interface ResourceReader {
  /** Without a version: the latest. */
  decision(decisionId: string, version?: number): DeployedDecision | undefined;
  decisionVersions(decisionId: string): DeployedDecision[];
  latestDecisions(): Iterable<DeployedDecision>;
  form(formId: string, version?: number): DeployedForm | undefined;
  formVersions(formId: string): DeployedForm[];
  latestForms(): Iterable<DeployedForm>;
}

export class Resources implements ResourceReader {
  readonly #decisions = new Versions<DeployedDecision>();
  readonly #forms = new Versions<DeployedForm & KnownForm>();

  add(resource: DeployedGraph | DeployedForm): void {
    if (resource.kind === 'form') return this.#forms.add(resource.formId, resource);
    for (const { decisionId, decisionVersion, name } of resource.decisions) {
      this.#decisions.add(decisionId, {
        decisionId,
        version: decisionVersion,
        ...(name === undefined ? undefined : { name }),
        model: resource.model,
        graph: resource,
      });
    }
  }

  decision(decisionId: string, version?: number): DeployedDecision | undefined {
    return this.#decisions.get(decisionId, version);
  }

  decisionVersions(decisionId: string): DeployedDecision[] {
    return this.#decisions.of(decisionId);
  }

  latestDecisions(): Iterable<DeployedDecision> {
    return this.#decisions.latest();
  }

  form(formId: string, version?: number): DeployedForm | undefined {
    return this.#forms.get(formId, version);
  }

  formVersions(formId: string): DeployedForm[] {
    return this.#forms.of(formId);
  }

  latestForms(): Iterable<DeployedForm> {
    return this.#forms.latest();
  }
}
