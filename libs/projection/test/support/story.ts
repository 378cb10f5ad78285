import type { Event } from '@millrace/records';

/** A person's instance: started, forked, joined, a task claimed and completed, an incident and its end. */
export function story(instanceId: string, at: number): Event[] {
  const key = (n: number): string => `0-${String(at).padStart(12, '0')}-${String(n).padStart(4, '0')}`;
  const base = { version: 1, at, instanceId } as const;
  const element = (n: number, elementId: string, elementKind: string) =>
    ({ ...base, elementId, elementKey: key(n), elementKind, scopeKey: instanceId }) as const;
  const flow = (flowId: string, to: string) =>
    ({ ...base, kind: 'flow.taken', flowId, scopeKey: instanceId, from: 'fork', to, joins: true }) as const;
  return [
    {
      ...base,
      kind: 'instance.started',
      requestId: `request of ${instanceId}`,
      processId: 'p',
      definitionKey: 'p:1',
      definitionVersion: 1,
      businessKey: 'b',
      startEventId: 'start',
      variables: { a: 1, b: 1 },
      variableBytes: 10,
    },
    { ...element(1, 'start', 'startEvent'), kind: 'element.entered', flowIds: [] },
    { ...element(1, 'start', 'startEvent'), kind: 'element.completed' },
    flow('f1', 'join'),
    flow('f1', 'join'),
    flow('f2', 'join'),
    { ...element(2, 'join', 'parallelGateway'), kind: 'element.entered', flowIds: ['f1', 'f2'] },
    { ...element(2, 'join', 'parallelGateway'), kind: 'element.completed' },
    { ...element(3, 'review', 'userTask'), kind: 'element.entered', flowIds: ['f3'] },
    {
      ...base,
      kind: 'task.created',
      elementId: 'review',
      elementKey: key(3),
      name: 'Review',
      candidateGroups: ['clerks'],
      candidateUsers: [],
      action: 'complete',
      headers: {},
    },
    { ...base, kind: 'task.claimed', elementId: 'review', elementKey: key(3), assignee: 'ada' },
    { ...base, kind: 'variables.changed', scopeKey: instanceId, values: { b: 2, c: 3 }, variableBytes: 12 },
    { ...base, kind: 'variables.changed', scopeKey: key(3), values: { local: true }, variableBytes: 12 },
    { ...base, kind: 'task.completed', elementId: 'review', elementKey: key(3) },
    {
      ...base,
      kind: 'incident.raised',
      incidentKey: key(4),
      elementId: 'review',
      elementKey: key(3),
      reason: 'IO_MAPPING_FAILED',
      message: 'expected a number',
      retry: 'leave',
    },
    { ...base, kind: 'incident.resolved', incidentKey: key(4), elementId: 'review', elementKey: key(3), by: 'command' },
    { ...element(3, 'review', 'userTask'), kind: 'element.completed' },
    { ...base, kind: 'instance.completed', processId: 'p', definitionKey: 'p:1', businessKey: 'b' },
  ];
}
