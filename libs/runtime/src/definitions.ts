import type { ExecutableProcess } from '@millrace/bpmn';
import type { Client, Consumer } from '@millrace/client';
import { type Clock, messageOf } from '@millrace/std';
import { type DefinitionRecord, type DeployedDefinition, decodeDefinition } from './definition-record.ts';
import { RuntimeError } from './errors.ts';
import type { LogReader } from './log-reader.ts';
import type { Logger } from './options.ts';
import type { DefinitionLookup } from './partition-state.ts';
import { type DeployedDecision, type ResourceReader, Resources } from './resources.ts';
import type { DeployedForm } from './resource-records.ts';

/** What is deployed, as far as this process has read `core.definitions`. */
export interface DefinitionReader {
  get(key: string): DeployedDefinition | undefined;
  latest(processId: string): DeployedDefinition | undefined;
  all(): Iterable<DeployedDefinition>;
  /** The offset behind the last record seen; commands carry it (R9). */
  readonly seen: number;
  /** Decisions and forms. */
  readonly resources: ResourceReader;
  /** Resolves once the process is there: a deployment is done when a start that follows it finds it. */
  waitForKey(key: string, timeoutMs: number): Promise<DeployedDefinition>;
  /** The same for whatever the key names. */
  waitForRecord(key: string, timeoutMs: number): Promise<void>;
}

interface DefinitionsOptions {
  readonly client: Client;
  readonly log: LogReader;
  readonly topic: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A definition has become known, old or new. */
  readonly onDefinition: (definition: DeployedDefinition) => void;
  /** More has been seen: whoever waits for an offset looks again. */
  readonly onSeen: () => void;
}

/** Follows the compacted `core.definitions` from its start. Models are read before anybody decides on them, never while. */
export class Definitions implements DefinitionReader, DefinitionLookup {
  readonly #options: DefinitionsOptions;
  readonly resources = new Resources();
  readonly #keys = new Set<string>();
  readonly #byKey = new Map<string, DeployedDefinition>();
  readonly #latest = new Map<string, DeployedDefinition>();
  readonly #waiters = new Set<{ readonly isDone: () => boolean; readonly resolve: () => void }>();
  #consumer: Consumer | undefined;
  #run: Promise<void> | undefined;
  /** Where the topic is read next: behind markers too, unlike `seen`. */
  #nextOffset = 0;
  #seen = 0;
  #problem: string | undefined;

  constructor(options: DefinitionsOptions) {
    this.#options = options;
  }

  get seen(): number {
    return this.#seen;
  }

  get size(): number {
    return this.#keys.size;
  }

  /** Why nothing is read any more: a definition that this build can't make a model of. */
  get problem(): string | undefined {
    return this.#problem;
  }

  get(key: string): DeployedDefinition | undefined {
    return this.#byKey.get(key);
  }

  latest(processId: string): DeployedDefinition | undefined {
    return this.#latest.get(processId);
  }

  all(): Iterable<DeployedDefinition> {
    return this.#byKey.values();
  }

  process(key: string): ExecutableProcess | undefined {
    return this.#byKey.get(key)?.model;
  }

  latestVersion(processId: string): number | undefined {
    return this.#latest.get(processId)?.version;
  }

  decision(decisionId: string, version?: number): DeployedDecision | undefined {
    return this.resources.decision(decisionId, version);
  }

  form(formId: string, version?: number): DeployedForm | undefined {
    return this.resources.form(formId, version);
  }

  /** Begins to follow; what is there already is known when this resolves. */
  async start(timeoutMs: number): Promise<void> {
    const { client, log, topic } = this.#options;
    this.#nextOffset = await log.start(topic, 0);
    this.#consumer = client.consumer({ isolation: 'read_committed', maxWaitMs: 5_000 });
    this.#consumer.add({ topic, partition: 0, offset: this.#nextOffset });
    this.#run = this.#follow(this.#consumer);
    await this.catchUp(timeoutMs);
  }

  async stop(): Promise<void> {
    this.#consumer?.close();
    await this.#run;
  }

  /** R4. Everything that is committed by now is known when this resolves. */
  async catchUp(timeoutMs: number): Promise<void> {
    const { log, topic } = this.#options;
    const end = await log.committedEnd(topic, 0);
    await this.#wait(() => this.#nextOffset >= end, timeoutMs, `${topic} to be read up to ${end}`);
  }

  /** R9. Resolves when the record before `offset` has been seen. */
  waitForOffset(offset: number, timeoutMs: number): Promise<void> {
    return this.#wait(() => this.#seen >= offset, timeoutMs, `definition record ${offset - 1} to arrive`);
  }

  async waitForKey(key: string, timeoutMs: number): Promise<DeployedDefinition> {
    await this.waitForRecord(key, timeoutMs);
    return this.#byKey.get(key) as DeployedDefinition;
  }

  waitForRecord(key: string, timeoutMs: number): Promise<void> {
    return this.#wait(() => this.#keys.has(key), timeoutMs, `definition ${key} to arrive`);
  }

  async #follow(consumer: Consumer): Promise<void> {
    try {
      for await (const { records, nextOffset } of consumer) {
        for (const { offset, key, value } of records) {
          if (key !== null && value !== null) this.#add(await decodeDefinition(key.toString('utf8'), value));
          this.#seen = offset + 1;
        }
        this.#nextOffset = nextOffset;
        this.#wake();
      }
    } catch (error) {
      this.#problem = messageOf(error);
      this.#options.logger.error({ topic: this.#options.topic, error: this.#problem }, 'definitions can not be read');
    }
  }

  #add(definition: DefinitionRecord): void {
    this.#keys.add(definition.key);
    if (definition.kind !== 'process') return this.resources.add(definition);
    this.#byKey.set(definition.key, definition);
    const latest = this.#latest.get(definition.processId);
    if (latest === undefined || latest.version <= definition.version)
      this.#latest.set(definition.processId, definition);
    this.#options.onDefinition(definition);
  }

  #wake(): void {
    for (const waiter of this.#waiters) if (waiter.isDone()) waiter.resolve();
    this.#options.onSeen();
  }

  async #wait(isDone: () => boolean, timeoutMs: number, what: string): Promise<void> {
    if (isDone()) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter = { isDone, resolve };
    this.#waiters.add(waiter);
    const cancel = this.#options.clock.after(timeoutMs, () => {
      const why = this.#problem === undefined ? '' : ` (${this.#problem})`;
      reject(new RuntimeError('DEFINITION_MISSING', `expected ${what} within ${timeoutMs} ms${why}`));
    });
    try {
      await promise;
    } finally {
      cancel();
      this.#waiters.delete(waiter);
    }
  }
}
