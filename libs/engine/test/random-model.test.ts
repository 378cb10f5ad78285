import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FlowNode } from '@millrace/bpmn';
import { randomModel } from './support/random-model.ts';

type TriggerKind = Extract<FlowNode, { trigger: unknown }>['trigger']['kind'];
type ActionKind = Extract<FlowNode, { action: unknown }>['action']['kind'];

/** Whether random models have it; false needs a reason. The types see to it that nothing new is forgotten. */
const kinds: Record<FlowNode['kind'], boolean> = {
  startEvent: true,
  endEvent: true,
  intermediateCatchEvent: true,
  intermediateThrowEvent: true,
  boundaryEvent: true,
  serviceTask: true,
  sendTask: true,
  receiveTask: true,
  userTask: true,
  scriptTask: true,
  businessRuleTask: true,
  task: true,
  manualTask: true,
  subProcess: true,
  transaction: true,
  eventSubProcess: true,
  adHocSubProcess: true,
  callActivity: true,
  exclusiveGateway: true,
  parallelGateway: true,
  inclusiveGateway: true,
  complexGateway: true,
  eventBasedGateway: true,
  eventPart: true,
};

const triggers: Record<TriggerKind, boolean> = {
  none: true,
  message: true,
  reply: true,
  timer: true,
  signal: true,
  condition: true,
  error: true,
  escalation: true,
  compensation: true,
  cancel: true,
  multiple: true,
  // A link is a flow by the time that the engine sees it.
  link: false,
  // A process is started by command here; what starts it otherwise asks partition 0, which the message tests are about.
  startMessage: false,
};

const actions: Record<ActionKind, boolean> = {
  none: true,
  job: true,
  publish: true,
  message: true,
  script: true,
  decision: true,
  terminate: true,
  error: true,
  escalation: true,
  signal: true,
  compensate: true,
  cancel: true,
  multiple: true,
  link: false,
};

const wanted = (all: Record<string, boolean>): string[] => Object.keys(all).filter((kind) => all[kind] === true);

describe('random models', () => {
  it('have every element, and every event and action that it can have', () => {
    const nodes = fc
      .sample(randomModel('p'), { numRuns: 1_000, seed: 1 })
      .flatMap(({ elements }) => Object.values(elements));
    const missing = (all: Record<string, boolean>, found: readonly (string | undefined)[]): string[] => {
      const seen = new Set(found);
      return wanted(all).filter((kind) => !seen.has(kind));
    };
    expect(
      missing(
        kinds,
        nodes.map(({ kind }) => kind),
      ),
    ).toEqual([]);
    expect(
      missing(
        triggers,
        nodes.map((node) => ('trigger' in node ? node.trigger.kind : undefined)),
      ),
    ).toEqual([]);
    expect(
      missing(
        actions,
        nodes.map((node) => ('action' in node ? node.action.kind : undefined)),
      ),
    ).toEqual([]);
    const loops = nodes.map(({ loop }) => loop?.kind);
    expect(loops).toEqual(expect.arrayContaining(['multiInstance', 'standardLoop', undefined]));
  });
});
