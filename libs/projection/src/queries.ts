import type { InstanceId, Key } from '@millrace/records';
import type { Stretch } from './event-log.ts';
import { type Page, readPage } from './pages.ts';
import type { ReadStore } from './read-store.ts';
import { fitsTask, type TaskFilter } from './task-filter.ts';
import type {
  ReadBatch,
  ReadIncident,
  ReadInstance,
  ReadInstanceState,
  ReadMessage,
  ReadSuspension,
  ReadTask,
  ReadToken,
} from './rows.ts';

export interface InstanceFilter {
  readonly definition?: string | undefined;
  readonly state?: ReadInstanceState | undefined;
  readonly businessKey?: string | undefined;
  readonly flowName?: string | undefined;
  readonly stage?: string | undefined;
}

export interface IncidentFilter {
  readonly definition?: string | undefined;
  readonly instanceId?: InstanceId | undefined;
}

export interface MessageFilter {
  readonly state: ReadMessage['state'];
  readonly name?: string | undefined;
  readonly correlationKey?: string | undefined;
}

export interface PageRequest {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** A status answers in one piece; a join with more tokens than this is cut, so that it stays an answer. */
const TOKENS_SHOWN_MAX = 1_000;

/** What can be asked of the read models. Every method is one look: what it returns belongs together. */
export class Queries {
  readonly #store: ReadStore;

  constructor(store: ReadStore) {
    this.#store = store;
  }

  instance(id: InstanceId): ReadInstance | undefined {
    return this.#store.tables.instance.get(id);
  }

  variables(id: InstanceId): Readonly<Record<string, unknown>> {
    return this.#store.tables.variables.get(id) ?? {};
  }

  /** Since when, and why, the process starts no instances. */
  suspension(processId: string): ReadSuspension | undefined {
    return this.#store.tables.suspendedDefinition.get(processId);
  }

  tokens(id: InstanceId): readonly ReadToken[] {
    const range = this.#store.tables.token.getRange({ start: `${id}/`, end: `${id}0`, limit: TOKENS_SHOWN_MAX });
    return [...range].map(({ value }) => value);
  }

  openIncidents(id: InstanceId, limit: number): readonly ReadIncident[] {
    return this.incidents({ instanceId: id }, { limit }).rows;
  }

  task(key: Key): ReadTask | undefined {
    return this.#store.tables.task.get(key);
  }

  /** What is visible to an element that lives; of one that is gone, the variables of the process. */
  visibleVariables(id: InstanceId, elementKey: Key): Readonly<Record<string, unknown>> {
    const { token, local } = this.#store.tables;
    const scopes: Readonly<Record<string, unknown>>[] = [];
    let scopeKey: Key | undefined = elementKey;
    while (scopeKey !== undefined && scopeKey !== id) {
      scopes.push(local.get(`${id}/${scopeKey}`) ?? {});
      scopeKey = token.get(`${id}/${scopeKey}`)?.scopeKey;
    }
    return Object.assign({}, this.variables(id), ...scopes.reverse()) as Readonly<Record<string, unknown>>;
  }

  incident(key: Key): ReadIncident | undefined {
    return this.#store.tables.incident.get(key);
  }

  instances(filter: InstanceFilter, page: PageRequest): Page<ReadInstance> {
    const { definition, state, businessKey, flowName, stage } = filter;
    return readPage(this.#store, {
      list: instanceList(filter),
      order: 'newest first',
      limit: page.limit,
      cursor: page.cursor,
      row: (key) => {
        const instance = this.instance(key);
        const fits =
          instance !== undefined &&
          (definition === undefined || instance.processId === definition) &&
          (state === undefined || instance.state === state) &&
          (businessKey === undefined || instance.businessKey === businessKey) &&
          (flowName === undefined || instance.flowName === flowName) &&
          (stage === undefined || instance.stage === stage);
        return fits ? instance : undefined;
      },
    });
  }

  /** The instances that this one has called, the newest first. */
  called(id: InstanceId, page: PageRequest): Page<ReadInstance> {
    return readPage(this.#store, {
      list: ['calledBy', id],
      order: 'newest first',
      limit: page.limit,
      cursor: page.cursor,
      row: (key) => this.instance(key),
    });
  }

  /** Open tasks. */
  tasks(filter: TaskFilter, page: PageRequest): Page<ReadTask> {
    return readPage(this.#store, {
      list: filter.instanceId === undefined ? ['task'] : ['taskOf', filter.instanceId],
      order: 'oldest first',
      limit: page.limit,
      cursor: page.cursor,
      row: (key) => {
        const task = this.task(key);
        return task !== undefined && fitsTask(task, filter) ? task : undefined;
      },
    });
  }

  batch(id: string): ReadBatch | undefined {
    return this.#store.tables.batch.get(id);
  }

  batches(page: PageRequest): Page<ReadBatch> {
    return readPage(this.#store, {
      list: ['batch'],
      order: 'newest first',
      ...page,
      cursor: page.cursor,
      row: (id) => this.batch(id),
    });
  }

  /** Messages that nobody has taken. */
  messages({ state, name, correlationKey }: MessageFilter, page: PageRequest): Page<ReadMessage> {
    return readPage(this.#store, {
      list: ['message', state],
      order: 'newest first',
      limit: page.limit,
      cursor: page.cursor,
      row: (key) => {
        const message = this.#store.tables.message.get(key);
        const fits =
          message !== undefined &&
          (name === undefined || message.name === name) &&
          (correlationKey === undefined || message.correlationKey === correlationKey);
        return fits ? message : undefined;
      },
    });
  }

  /** Open incidents. */
  incidents(filter: IncidentFilter, page: PageRequest): Page<ReadIncident> {
    return readPage(this.#store, {
      list: filter.instanceId === undefined ? ['incident'] : ['incidentOf', filter.instanceId],
      order: 'newest first',
      limit: page.limit,
      cursor: page.cursor,
      row: (key) => {
        const incident = this.incident(key);
        const fits =
          incident !== undefined && (filter.definition === undefined || incident.processId === filter.definition);
        return fits ? incident : undefined;
      },
    });
  }

  /** The stretches of its partition that hold the instance's events at or behind an offset, oldest first. */
  historyRuns(id: InstanceId, from: number, limit: number): readonly Stretch[] {
    const runs: Stretch[] = [];
    // A stretch that begins before `from` may reach over it; stretches of one instance do not overlap.
    const before = this.#store.tables.history.getRange({
      start: `${id}/${pad(from)}`,
      end: `${id}/`,
      reverse: true,
      limit: 1,
      exclusiveStart: true,
    });
    for (const { key, value } of before) runs.push({ from: offsetOf(key), to: value.last + 1 });
    const behind = this.#store.tables.history.getRange({ start: `${id}/${pad(from)}`, end: `${id}0`, limit });
    for (const { key, value } of behind) runs.push({ from: offsetOf(key), to: value.last + 1 });
    return runs.filter(({ to }) => to > from).map((run) => ({ from: Math.max(run.from, from), to: run.to }));
  }
}

/** The shortest list that holds all that can fit. */
function instanceList({
  definition,
  state,
  businessKey,
  flowName,
  stage,
}: InstanceFilter): readonly [string, ...string[]] {
  if (businessKey !== undefined) return ['businessKey', businessKey];
  if (flowName !== undefined) return ['flow', flowName];
  if (stage !== undefined) return ['stage', stage];
  if (state === 'STARTED' || state === 'SUSPENDED') return ['running'];
  return definition === undefined ? ['all'] : ['definition', definition];
}

const pad = (offset: number): string => String(offset).padStart(16, '0');
const offsetOf = (key: string): number => Number(key.slice(key.lastIndexOf('/') + 1));
