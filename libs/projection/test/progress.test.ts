import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Event, instanceId } from '@millrace/records';
import { seededRandom, VirtualClock } from '@millrace/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Projection, startProjection } from '../src/index.ts';
import { MemoryLog } from './support/memory-log.ts';

type Body = Event extends infer One ? (One extends Event ? Omit<One, 'version' | 'at'> : never) : never;

describe('the projection', () => {
  const id = instanceId(0, seededRandom(7).bytes(16));
  const directory = mkdtempSync(join(tmpdir(), 'millrace-progress-'));
  let log: MemoryLog;
  let projection: Projection;
  let at = 1_000;
  beforeEach(async () => {
    log = new MemoryLog(1);
    const logger = { info: () => {}, error: () => {} };
    projection = await startProjection({
      log,
      directory: join(directory, String(at)),
      clock: new VirtualClock(),
      logger,
    });
    add({
      kind: 'instance.started',
      instanceId: id,
      processId: 'p',
      definitionKey: 'p:1',
      definitionVersion: 1,
      startEventId: 'start',
      variables: { a: 1, b: 2 },
      variableBytes: 10,
    });
  });
  afterEach(async () => {
    await projection.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const add = (...bodies: Body[]): void => {
    for (const body of bodies) log.append(0, { ...body, version: 1, at: (at += 1) });
  };
  const enter = (elementKey: string, elementId: string, elementKind: string, scopeKey = id): void =>
    add({ kind: 'element.entered', instanceId: id, elementKey, elementId, elementKind, scopeKey, flowIds: [] });
  const tokens = () => projection.queries.tokens(id);

  it('shows what has become of the actions of a node', () => {
    const node = { instanceId: id, elementKey: 'k1', elementId: 'node' };
    enter('k1', 'node', 'receiveTask');
    const actions = [{ name: 'x' }, { name: 'y', isManual: true, parent: 'x' }] as const;
    add({ kind: 'actions.opened', ...node, actions, due: ['x'] });
    add({ kind: 'action.started', ...node, action: 'x', actionKey: 'k2', isTurn: true });
    expect(tokens()).toMatchObject([
      { status: 'EXECUTING', actions: [{ name: 'x', running: 1, executed: 0 }, { name: 'y' }] },
    ]);
    add({ kind: 'action.executed', ...node, action: 'x', actionKey: 'k2', next: [] });
    add({ kind: 'action.started', ...node, action: 'y', actionKey: 'k3' });
    add({ kind: 'action.cancelled', ...node, action: 'y', actionKey: 'k3' });
    expect(tokens()).toMatchObject([
      {
        status: 'EXECUTED_PARTIAL',
        actions: [
          { running: 0, executed: 1 },
          { running: 0, executed: 0 },
        ],
      },
    ]);
    add({ kind: 'actions.awaited', ...node });
    expect(tokens()).toMatchObject([{ status: 'MESSAGE_RECEIVED' }]);
  });

  it('does not offer to complete a task that its actions complete', () => {
    const node = { instanceId: id, elementKey: 'k1', elementId: 'node' };
    enter('k1', 'node', 'userTask');
    const task = { name: 'N', candidateGroups: [], candidateUsers: [], action: 'complete', headers: {} };
    add({ kind: 'task.created', ...node, ...task });
    expect(tokens()).toMatchObject([{ action: 'complete' }]);
    add({ kind: 'actions.opened', ...node, actions: [], due: [], completesByActions: true });
    expect(tokens()[0]).not.toHaveProperty('action');
  });

  it('lists an instance in the stage that it was last in, and keeps its milestones', () => {
    const inStage = (stage: string) => projection.queries.instances({ stage }, { limit: 10 }).rows.map((row) => row.id);
    const element = { instanceId: id, elementKey: 'k1', elementId: 'e' };
    add({ kind: 'stage.entered', ...element, stage: 'A' });
    expect(inStage('A')).toEqual([id]);
    add({ kind: 'stage.entered', ...element, stage: 'B', before: 'A' });
    expect([inStage('A'), inStage('B')]).toEqual([[], [id]]);
    expect(projection.queries.instances({ stage: 'B', definition: 'q' }, { limit: 10 }).rows).toEqual([]);
    for (const milestone of ['M', 'N', 'M']) add({ kind: 'milestone.reached', ...element, milestone });
    add({ kind: 'instance.completed', instanceId: id, processId: 'p', definitionKey: 'p:1' });
    expect(projection.queries.instance(id)).toMatchObject({
      stage: 'B',
      milestones: [{ name: 'N' }, { name: 'M', reachedAt: at - 1 }],
    });
    expect(inStage('B')).toEqual([id]);
  });

  it('knows the steps that were passed, in the instance and in its sub-processes', () => {
    enter('k1', 'sub', 'subProcess');
    add({ kind: 'step.passed', instanceId: id, elementKey: 'k0', elementId: 'one', scopeKey: id });
    add({ kind: 'step.passed', instanceId: id, elementKey: 'k2', elementId: 'two', scopeKey: 'k1' });
    expect(projection.queries.instance(id)?.passed).toEqual(['one']);
    expect(tokens()).toMatchObject([{ elementId: 'sub', passed: ['two'] }]);
    const definition = { processId: 'p', definitionKey: 'p:2', definitionVersion: 2 };
    add({ kind: 'instance.migrated', instanceId: id, ...definition, mapping: { one: 'first', two: 'second' } });
    expect(projection.queries.instance(id)?.passed).toEqual(['first']);
    expect(tokens()).toMatchObject([{ passed: ['second'] }]);
  });

  it('forgets tokens that are withdrawn from joins, and variables that are removed', () => {
    const flow = { kind: 'flow.taken', instanceId: id, from: 'x', scopeKey: id, joins: true } as const;
    add({ ...flow, flowId: 'f1', to: 'join' }, { ...flow, flowId: 'f2', to: 'other' });
    expect(tokens()).toHaveLength(2);
    add({ kind: 'tokens.withdrawn', instanceId: id, scopeKey: id, gatewayIds: ['join'], tokenKeys: [] });
    expect(tokens()).toMatchObject([{ elementId: 'other' }]);
    add({ kind: 'variables.removed', instanceId: id, scopeKey: id, names: ['a', 'c'], variableBytes: 5 });
    expect(projection.queries.variables(id)).toEqual({ b: 2 });
    enter('k1', 'sub', 'subProcess');
    add({ kind: 'variables.changed', instanceId: id, scopeKey: 'k1', values: { l: 1, m: 2 }, variableBytes: 9 });
    add({ kind: 'variables.removed', instanceId: id, scopeKey: 'k1', names: ['l'], variableBytes: 7 });
    expect(projection.queries.visibleVariables(id, 'k1')).toEqual({ b: 2, m: 2 });
  });
});
