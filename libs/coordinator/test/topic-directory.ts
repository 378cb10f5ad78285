import type { TopicDirectory } from '../src/index.ts';

export const noTopics: TopicDirectory = {
  version: () => 0,
  find: () => undefined,
  nameOf: () => undefined,
  matching: () => [],
};

/** Topics that a test makes, grows and deletes. The id of each is `id-` and its name. */
export class TestTopics implements TopicDirectory {
  readonly #counts = new Map<string, number>();
  #version = 0;

  /** No partitions delete it. */
  set(name: string, partitions: number): void {
    if (partitions === 0) this.#counts.delete(name);
    else this.#counts.set(name, partitions);
    this.#version++;
  }

  version(): number {
    return this.#version;
  }

  find(name: string): { id: string; partitions: number } | undefined {
    const partitions = this.#counts.get(name);
    return partitions === undefined ? undefined : { id: `id-${name}`, partitions };
  }

  nameOf(id: string): string | undefined {
    const name = id.replace(/^id-/, '');
    return this.#counts.has(name) ? name : undefined;
  }

  matching(pattern: string): readonly string[] | null {
    try {
      const expression = new RegExp(`^(?:${pattern})$`);
      return [...this.#counts.keys()].filter((name) => expression.test(name));
    } catch {
      return null;
    }
  }
}
