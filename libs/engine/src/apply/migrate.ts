import type { CompensationLevel, ElementRow, EventOf, InstanceRow, TimerPurpose } from '@millrace/records';
import { collect } from '../collect.ts';
import {
  conditionRow,
  deferredRow,
  elementRow,
  eventPartsRow,
  heldRow,
  joinRow,
  ofInstance,
  receiveRow,
  signalWaitRow,
  timerRow,
} from '../row-keys.ts';
import type { State } from '../view.ts';
import { instanceOf } from './rows.ts';

type Rename = (id: string) => string;
type Holder = Pick<ElementRow | InstanceRow, 'timers' | 'waits' | 'signals' | 'conditions' | 'instanceId'>;

/** Every id of an element or a flow in the rows of the instance becomes that of the new definition. */
export function migrate(state: State, event: EventOf<'instance.migrated'>): void {
  const { instanceId, mapping, processId, definitionKey, definitionVersion } = event;
  const to: Rename = (id) => (Object.hasOwn(mapping, id) ? (mapping[id] as string) : id);
  const { passed, ...before } = begunOf(instanceOf(state, instanceId), to);
  const instance = { ...before, ...renamedSteps(passed, to), processId, definitionKey, definitionVersion };
  state.put('instance', instanceId, instance);
  renameWaits(state, instance, to);
  for (const element of collect(state, 'element', ofInstance(instanceId))) {
    const { elementKey, compensation, passed } = element;
    state.put('element', elementRow(instanceId, elementKey), {
      ...begunOf(element, to),
      elementId: to(element.elementId),
      ...renamedSteps(passed, to),
      ...(compensation === undefined ? undefined : { compensation: renamedLevels(compensation, to) }),
      ...(element.listening?.startEventId === undefined
        ? undefined
        : { listening: { ...element.listening, startEventId: to(element.listening.startEventId) } }),
    });
    renameWaits(state, element, to);
    renameOwn(state, element, to);
  }
  renameTokens(state, instanceId, to);
  renameUndone(state, instanceId, to);
}

function begunOf<Row extends { readonly begunEvents?: readonly string[] }>(row: Row, to: Rename): Row {
  return row.begunEvents === undefined ? row : { ...row, begunEvents: row.begunEvents.map(to) };
}

function renameWaits(
  state: State,
  { instanceId, timers = [], waits = [], signals = [], conditions = [] }: Holder,
  to: Rename,
): void {
  for (const ref of timers) {
    const timer = state.get('timer', timerRow(ref));
    if (timer !== undefined) state.put('timer', timerRow(ref), { ...timer, purpose: renamed(timer.purpose, to) });
  }
  for (const waitKey of waits) {
    const wait = state.get('wait', waitKey);
    if (wait !== undefined) state.put('wait', waitKey, { ...wait, elementId: to(wait.elementId) });
  }
  for (const waitKey of conditions) {
    const key = conditionRow(instanceId, waitKey);
    const wait = state.get('conditionWait', key);
    if (wait !== undefined) state.put('conditionWait', key, { ...wait, elementId: to(wait.elementId) });
  }
  for (const ref of signals) {
    const wait = state.get('signalWait', signalWaitRow(ref));
    if (wait !== undefined) state.put('signalWait', signalWaitRow(ref), { ...wait, elementId: to(wait.elementId) });
  }
}

function renamed(purpose: TimerPurpose, to: Rename): TimerPurpose {
  if (!('elementKey' in purpose)) return purpose;
  const elementId = to(purpose.elementId);
  if (purpose.kind === 'boundary') return { ...purpose, elementId, boundaryId: to(purpose.boundaryId) };
  if (purpose.kind !== 'catch' || purpose.eventId === undefined) return { ...purpose, elementId };
  return { ...purpose, elementId, eventId: to(purpose.eventId) };
}

/** What belongs to the element alone. */
function renameOwn(state: State, element: ElementRow, to: Rename): void {
  const { instanceId, elementKey, jobKey, hasTask, receive, incidentKey } = element;
  if (jobKey !== undefined) {
    const job = state.get('job', jobKey);
    if (job !== undefined) {
      state.put('job', jobKey, { ...job, elementId: to(job.elementId) });
      renameWaits(state, { instanceId, timers: job.timer === undefined ? [] : [job.timer] }, to);
    }
  }
  if (hasTask === true) {
    const task = state.get('task', elementKey);
    if (task !== undefined) state.put('task', elementKey, { ...task, elementId: to(task.elementId) });
  }
  if (receive !== undefined) {
    const key = receiveRow(instanceId, receive.topic, receive.receiveKey);
    const row = state.get('receive', key);
    if (row !== undefined) state.put('receive', key, { ...row, elementId: to(row.elementId) });
  }
  renameIncident(state, incidentKey, to);
}

function renameIncident(state: State, incidentKey: string | undefined, to: Rename): void {
  const incident = incidentKey === undefined ? undefined : state.get('incident', incidentKey);
  if (incident === undefined) return;
  state.put('incident', incident.incidentKey, { ...incident, elementId: to(incident.elementId) });
}

/** Tokens on flows and at joins, and timers that are held. */
function renameTokens(state: State, instanceId: string, to: Rename): void {
  for (const token of collect(state, 'deferred', ofInstance(instanceId))) {
    const { scopeKey, tokenKey, flowId } = token;
    state.put('deferred', deferredRow(instanceId, scopeKey, tokenKey), { ...token, flowId: to(flowId) });
    renameIncident(state, token.incidentKey, to);
  }
  const joins = [...state.range('join', ofInstance(instanceId))];
  for (const [key] of joins) state.delete('join', key);
  for (const [key, { waiting }] of joins) {
    const [, scope = '', gatewayId = ''] = key.split('/');
    const moved = Object.fromEntries(Object.entries(waiting).map(([flowId, count]) => [to(flowId), count]));
    state.put('join', joinRow(instanceId, scope === '' ? instanceId : scope, to(gatewayId)), { waiting: moved });
  }
  const phases = [...state.range('gatewayPhase', ofInstance(instanceId))];
  for (const [key] of phases) state.delete('gatewayPhase', key);
  for (const [key, row] of phases) {
    const [, scope = '', gatewayId = ''] = key.split('/');
    const moved = { ...row, consumed: row.consumed.map(to) };
    state.put('gatewayPhase', joinRow(instanceId, scope === '' ? instanceId : scope, to(gatewayId)), moved);
  }
  const parts = [...state.range('eventParts', ofInstance(instanceId))];
  for (const [key] of parts) state.delete('eventParts', key);
  for (const [key, row] of parts) {
    const [, holderKey = '', eventId = ''] = key.split('/');
    const came = Object.fromEntries(Object.entries(row.came).map(([id, brought]) => [to(id), brought]));
    state.put('eventParts', eventPartsRow(instanceId, holderKey, to(eventId)), { came });
  }
  for (const row of collect(state, 'held', ofInstance(instanceId))) {
    if (row.input.kind !== 'timer') continue;
    const { timer } = row.input;
    const input = { kind: 'timer' as const, timer: { ...timer, purpose: renamed(timer.purpose, to) } };
    state.put('held', heldRow(instanceId, row.heldKey), { ...row, input });
  }
}

/** What has completed and can be undone, and what is being undone. */
function renameUndone(state: State, instanceId: string, to: Rename): void {
  const done = [...state.range('compensable', ofInstance(instanceId))];
  for (const [key, row] of done) {
    state.put('compensable', key, { ...row, elementId: to(row.elementId) });
  }
  const underWay = [...state.range('compensating', ofInstance(instanceId))];
  for (const [key, { levels, ...row }] of underWay) {
    state.put('compensating', key, { ...row, levels: renamedLevels(levels, to) });
  }
}

function renamedSteps(passed: readonly string[] | undefined, to: Rename): Pick<ElementRow, 'passed'> {
  return passed === undefined ? {} : { passed: passed.map(to) };
}

function renamedLevels(levels: readonly CompensationLevel[], to: Rename): CompensationLevel[] {
  return levels.map(({ activityId, ...level }) =>
    activityId === undefined ? level : { ...level, activityId: to(activityId) },
  );
}
