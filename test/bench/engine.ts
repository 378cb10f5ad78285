/**
 * The pure core, decide and apply without a log, against bpmn-elements in memory: the same process of one task, in the same run. Ours
 * gives every event that the log would have; theirs persists nothing.
 */
import { readFileSync } from 'node:fs';
import { BpmnModdle } from 'bpmn-moddle';
import * as elements from 'bpmn-elements';
import serialize, { TypeResolver } from 'moddle-context-serializer';
import { readModel } from '@millrace/bpmn';
import { apply, type Decision, decide } from '@millrace/engine';
import { checkExpression, checkTimer } from '@millrace/feel';
import { bytesFromText, type Command, commandKey, instanceId } from '@millrace/records';
import { MemoryState } from '../../libs/engine/test/support/memory-state.ts';
import type { Row } from './table.ts';

const ROUNDS = 3;
const OURS_PER_ROUND = 40_000;
const THEIRS_PER_ROUND = 1_500;
const VARIABLES = { customer: 'Ada', amount: 1200 };

export async function benchEngine(): Promise<Row[]> {
  const ours = await oneTaskCore();
  const theirs = await oneTaskBpmnElements();
  ours(OURS_PER_ROUND);
  await theirs(THEIRS_PER_ROUND);
  const rates = { ours: [] as number[], theirs: [] as number[] };
  // In turns, so that what else the machine does meets both.
  for (let round = 0; round < ROUNDS; round += 1) {
    rates.ours.push(await perCpuSecond(OURS_PER_ROUND, async () => ours(OURS_PER_ROUND)));
    rates.theirs.push(await perCpuSecond(THEIRS_PER_ROUND, () => theirs(THEIRS_PER_ROUND)));
  }
  const [core, other] = [median(rates.ours), median(rates.theirs)];
  return [
    {
      what: 'pure core, one-task instances per second of one core',
      value: core.toFixed(0),
      against: `mark: at least 30,000; ${(core / other).toFixed(1)} × bpmn-elements in memory (${other.toFixed(0)})`,
    },
  ];
}

async function oneTaskCore(): Promise<(count: number) => void> {
  const xml = readFileSync(new URL('one-task.bpmn', import.meta.url), 'utf8');
  const { processes } = await readModel(xml, { checkExpression, checkTimer });
  const [process] = processes;
  if (process === undefined) throw new Error('expected the model of the bench to be right');
  const models = new Map([[`${process.id}:1`, process]]);
  const state = new MemoryState(0, 1, { models, latest: new Map([[process.id, 1]]), decisions: [], forms: [] });
  const ids = Array.from({ length: 1_000 }, (_, n) => instanceId(0, bytesFromText(`instance ${n}`)));
  let offset = 0;
  const step = (command: Command): Decision => {
    offset += 1;
    let counter = 0;
    const decision = decide(state, command, { now: Date.now(), nextKey: () => commandKey(0, offset, counter++) });
    for (const event of decision.events) apply(state, event);
    return decision;
  };
  return (count) => {
    for (let n = 0; n < count; n += 1) {
      const id = ids[n % ids.length] as string;
      const start = { kind: 'startInstance', version: 1, instanceId: id, processId: process.id } as const;
      const { outputs } = step({ ...start, variables: VARIABLES });
      const job = outputs.find((output) => output.kind === 'job');
      if (job === undefined) throw new Error('expected the instance to offer a job');
      step({ kind: 'completeJob', version: 1, instanceId: id, jobKey: job.jobKey, variables: { isDone: true } });
    }
  };
}

async function oneTaskBpmnElements(): Promise<(count: number) => Promise<void>> {
  const source = `<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="http://millrace.dev/bench">
  <process id="one-task" isExecutable="true">
    <startEvent id="start" /><serviceTask id="work" implementation="\${environment.services.work}" /><endEvent id="end" />
    <sequenceFlow id="f1" sourceRef="start" targetRef="work" /><sequenceFlow id="f2" sourceRef="work" targetRef="end" />
  </process>
</definitions>`;
  const moddle = (await new BpmnModdle().fromXML(source)) as Parameters<typeof serialize>[0];
  const serialized = serialize(moddle, TypeResolver(elements));
  const work = (_scope: unknown, done: (error: null, result: object) => void): void => done(null, { isDone: true });
  const one = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const environment = new elements.Environment({ services: { work }, variables: { ...VARIABLES } });
      const definition = new elements.Definition(elements.Context(serialized, environment));
      definition.run((error: Error | null | undefined) =>
        error === undefined || error === null ? resolve() : reject(error),
      );
    });
  return async (count) => {
    for (let n = 0; n < count; n += 1) await one();
  };
}

async function perCpuSecond(count: number, run: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(before);
  return count / ((user + system) / 1e6);
}

function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
}
