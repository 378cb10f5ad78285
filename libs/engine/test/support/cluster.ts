import { isDeepStrictEqual } from 'node:util';
import { assert } from '@millrace/std';
import type { ExecutableProcess } from '@millrace/bpmn';
import type { DecisionModel } from '@millrace/dmn';
import {
  type Command,
  type CommandKind,
  type CommandOf,
  type Event,
  type EventKind,
  type EventOf,
  type InstanceId,
  type TimerRow,
  type Variables,
  bytesFromText,
  commandKey,
  decodeCommand,
  decodeEvent,
  encodeCommand,
  encodeEvent,
  instanceId,
  partitionOfCommand,
  timerKey,
} from '@millrace/records';
import {
  type Decision,
  type DecisionsOutput,
  type Input,
  type JobOutput,
  type Output,
  apply,
  decide,
  dueTimers,
  nextDueAt,
} from '../../src/index.ts';
import { type Definitions, MemoryState } from './memory-state.ts';
import { checkSound } from './soundness.ts';

export const NOON = Date.parse('2026-01-01T12:00:00Z');

/** A command without what the cluster fills in. */
export type Ask<Kind extends CommandKind = CommandKind> = Kind extends CommandKind
  ? Omit<CommandOf<Kind>, 'version'>
  : never;

interface Partition {
  state: MemoryState;
  /** The same events, through bytes, folded on their own: must be equal at all times. */
  readonly folded: MemoryState;
  /** Every event that it has decided, as its log keeps them. */
  readonly log: Uint8Array[];
  readonly queue: Command[];
  offset: number;
  applied: number;
}

/**
 * N partitions that exchange commands, and nothing else: the runtime without logs. Commands between two partitions keep their
 * order; which partition goes next is a choice (`pick`), so that a test can try every interleaving.
 */
export class Cluster {
  readonly partitions: readonly Partition[];
  readonly events: Event[] = [];
  readonly outputs: Output[] = [];
  readonly definitions: Definitions = { models: new Map(), latest: new Map(), decisions: [], forms: [] };
  now = NOON;
  pick: (choices: number) => number = () => 0;
  /** Each decision is lost once before it is written, and the partition taken over from its log before and after it. */
  crashesAlways = false;
  #started = 0;

  constructor(partitionCount = 1) {
    this.partitions = Array.from({ length: partitionCount }, (_, partition) => ({
      state: new MemoryState(partition, partitionCount, this.definitions),
      folded: new MemoryState(partition, partitionCount, this.definitions),
      log: [],
      queue: [],
      offset: 0,
      applied: 0,
    }));
  }

  /** Makes the process known without a deployment: its start events by message and time stay asleep. */
  install(process: ExecutableProcess, version = 1): this {
    this.definitions.models.set(`${process.id}:${version}`, process);
    this.definitions.latest.set(process.id, version);
    return this;
  }

  deploy(process: ExecutableProcess, digest = 'd1'): Event[] {
    const processes = [{ processId: process.id, name: process.name, model: process }];
    const resource = { kind: 'bpmn', name: 'test.bpmn', content: '<xml/>', digest, processes } as const;
    return this.run({ kind: 'deploy', resources: [resource] });
  }

  /** Starts an instance, and waits until it waits. */
  start(processId: string, variables: Variables = {}, more: Partial<CommandOf<'startInstance'>> = {}): InstanceId {
    const id = this.launch(processId, variables, more);
    this.settle();
    return id;
  }

  /** Sends the start alone. */
  launch(processId: string, variables: Variables = {}, more: Partial<CommandOf<'startInstance'>> = {}): InstanceId {
    this.#started += 1;
    const partition = this.#started % this.partitions.length;
    const id = more.instanceId ?? instanceId(partition, bytesFromText(`instance ${this.#started}`));
    this.send({ kind: 'startInstance', processId, variables, ...more, instanceId: id });
    return id;
  }

  /** Sends a command and lets everything settle; returns what happened. */
  run(ask: Ask): Event[] {
    const from = this.events.length;
    this.send(ask);
    this.settle();
    return this.events.slice(from);
  }

  send(ask: Ask): void {
    const command = { version: 1, ...ask } as Command;
    const partition = partitionOfCommand(command, this.partitions.length);
    assert(partition !== undefined, `expected a partition for ${command.kind}`);
    this.#enqueue(partition, command);
  }

  /** One command of one partition; false when there is none left anywhere. */
  stepOnce(): boolean {
    const busy = this.#busy();
    const partition = busy[this.pick(busy.length)];
    const command = partition?.queue.shift();
    if (partition === undefined || command === undefined) return false;
    partition.offset += 1;
    this.#decide(partition, command, commandKey.bind(undefined, partition.state.partition, partition.offset));
    return true;
  }

  /** The next command of one partition, whatever the others hold. */
  stepPartition(partition: number): void {
    const { pick } = this;
    this.pick = () => this.#busy().findIndex(({ state }) => state.partition === partition);
    assert(this.stepOnce(), `expected partition ${partition} to have a command`);
    this.pick = pick;
  }

  /** Holds back what waits for a partition, to be put behind what is sent meanwhile. */
  takeQueued(partition: number): Command[] {
    return this.partitions[partition]?.queue.splice(0) ?? [];
  }

  putQueued(partition: number, commands: readonly Command[]): void {
    this.partitions[partition]?.queue.push(...commands);
  }

  /** The instances that messages would reach, in the order in which they would be asked. */
  subscribers(): InstanceId[] {
    return this.partitions.flatMap(({ state }) =>
      [...state.range('subscription', { prefix: '' })].map(([, { instanceId: id }]) => id),
    );
  }

  settle(): void {
    for (let steps = 0; this.stepOnce(); steps += 1) assert(steps < 100_000, 'expected the cluster to come to rest');
    checkSound(this);
  }

  /** Lets time pass; timers fire in their order, and everything settles after each. */
  pass(ms: number): Event[] {
    const from = this.events.length;
    const until = this.now + ms;
    for (let due = this.#nextDue(); due !== undefined && due <= until; due = this.#nextDue()) {
      this.now = Math.max(this.now, due);
      this.fireDue();
      this.settle();
    }
    this.now = until;
    return this.events.slice(from);
  }

  fireDue(): void {
    for (const partition of this.partitions) {
      for (const timer of dueTimers(partition.state, this.now, 10)) {
        this.#decide(partition, timer, timerKey.bind(undefined, partition.state.partition, partition.applied));
      }
    }
  }

  /** A due timer that another input of the same batch has overtaken. */
  decideTimer(timer: TimerRow, partition = 0): Decision {
    const owner = this.partitions[partition];
    assert(owner !== undefined, 'expected the partition');
    return this.#decide(owner, { kind: 'timer.due', timer }, timerKey.bind(undefined, partition, owner.applied));
  }

  /** A new owner of the partition: all it knows is what the log says. */
  takeOver(partition: number): void {
    const owner = this.partitions[partition];
    assert(owner !== undefined, 'expected the partition');
    owner.state = new MemoryState(partition, this.partitions.length, this.definitions);
    for (const bytes of owner.log) apply(owner.state, decodeEvent(bytes));
  }

  jobs(): JobOutput[] {
    return this.outputs.filter((output) => output.kind === 'job');
  }

  lastJob(): JobOutput {
    const job = this.jobs().at(-1);
    assert(job !== undefined, 'expected a job to have been offered');
    return job;
  }

  completeJob(variables: Variables = {}, { instanceId: id, jobKey } = this.lastJob()): Event[] {
    return this.run({ kind: 'completeJob', instanceId: id, jobKey, variables });
  }

  failJob(message = 'no connection', more: Partial<CommandOf<'failJob'>> = {}, job = this.lastJob()): Event[] {
    const { instanceId: id, jobKey, attempt } = job;
    return this.run({ kind: 'failJob', instanceId: id, jobKey, attempt, message, ...more });
  }

  last<Kind extends EventKind>(kind: Kind): EventOf<Kind> {
    const event = this.events.findLast((candidate) => candidate.kind === kind);
    assert(event !== undefined, `expected an event ${kind} among ${this.events.map((e) => e.kind).join(', ')}`);
    return event as EventOf<Kind>;
  }

  all<Kind extends EventKind>(kind: Kind): EventOf<Kind>[] {
    return this.events.filter((event) => event.kind === kind) as EventOf<Kind>[];
  }

  /** Every row of every partition that mentions the text; the number of the last signal wait is about nothing that lives. */
  rowsWith(text: string): string[] {
    return this.partitions.flatMap(({ state }) =>
      Object.entries(state.dump()).flatMap(([table, rows]) =>
        Object.entries(rows)
          .filter(([key, row]) => key !== 'signalWaits' && (key.includes(text) || JSON.stringify(row).includes(text)))
          .map(([key]) => `${table} ${key}`),
      ),
    );
  }

  #installDecisions({ decisions, model }: DecisionsOutput): void {
    for (const { decisionId, decisionVersion: version } of decisions) {
      this.definitions.decisions.push({ decisionId, version, model: model as DecisionModel });
    }
  }

  #busy(): Partition[] {
    return this.partitions.filter(({ queue }) => queue.length > 0);
  }

  #nextDue(): number | undefined {
    const dues = this.partitions.map(({ state }) => nextDueAt(state)).filter((due) => due !== undefined);
    return dues.length === 0 ? undefined : Math.min(...dues);
  }

  #enqueue(partition: number, command: Command): void {
    this.partitions[partition]?.queue.push(decodeCommand(encodeCommand(command)));
  }

  #decide(partition: Partition, input: Input, keyOf: (counter: number) => string): Decision {
    const decideOnce = (): Decision => {
      let counter = 0;
      return decide(partition.state, input, { now: this.now, nextKey: () => keyOf(counter++) });
    };
    const lost = this.crashesAlways ? decideOnce() : undefined;
    if (lost !== undefined) this.takeOver(partition.state.partition);
    const decision = decideOnce();
    // E2. Who decides again what another has decided and not written comes to the same.
    if (lost !== undefined) assert(isDeepStrictEqual(lost, decision), `expected ${input.kind} to be decided as before`);
    for (const event of decision.events) {
      const bytes = encodeEvent(event);
      apply(partition.state, event);
      apply(partition.folded, decodeEvent(bytes));
      partition.log.push(bytes);
      partition.applied += 1;
    }
    if (lost !== undefined) this.takeOver(partition.state.partition);
    this.events.push(...decision.events);
    this.outputs.push(...decision.outputs);
    for (const output of decision.outputs) {
      if (output.kind === 'command') this.#enqueue(output.partition, output.command);
      if (output.kind === 'definition') {
        this.install(output.model as ExecutableProcess, output.definitionVersion);
      }
      if (output.kind === 'decisions') this.#installDecisions(output);
      if (output.kind === 'form') {
        const { formId, formVersion: version, content } = output;
        const { versionTag } = JSON.parse(content) as { versionTag?: string };
        this.definitions.forms.push({ formId, version, ...(versionTag === undefined ? {} : { versionTag }) });
      }
    }
    // E8. Outputs without an event would not move the position that a new owner starts at: they would be sent twice.
    assert(
      decision.outputs.length === 0 || decision.events.length > 0,
      `expected an event beside ${input.kind}'s outputs`,
    );
    return decision;
  }
}
