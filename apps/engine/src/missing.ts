/** Why something cannot be acted on: it never was, or it is over. The engine does not tell these apart, the read models do. */
import { isRunning, Problem } from '@millrace/contract';
import { possibleActions } from './possible-actions.ts';
import type { Queries, ReadInstance } from '@millrace/projection';
import type { IfNotFound } from './refusal.ts';

export function existingInstance(queries: Queries, uuid: string): ReadInstance {
  const instance = queries.instance(uuid.toLowerCase());
  if (instance === undefined) throw new Problem('INSTANCE_NOT_FOUND', `expected instance ${uuid} to exist`);
  return instance;
}

export const instanceMissing =
  (queries: Queries, uuid: string): IfNotFound =>
  () =>
    endedProblem(queries, uuid) ?? new Problem('INSTANCE_NOT_FOUND', `expected instance ${uuid} to exist`);

/** Of an instance that runs, what is missing is the token that was named. */
export const instanceOrTokenMissing =
  (queries: Queries, uuid: string): IfNotFound =>
  (message) =>
    endedProblem(queries, uuid) ??
    (queries.instance(uuid) === undefined
      ? new Problem('INSTANCE_NOT_FOUND', `expected instance ${uuid} to exist`)
      : new Problem('TOKEN_NOT_FOUND', message, { processInstanceUuid: uuid }));

/** Of an instance that runs, what is missing is the definition that was named. */
export const instanceOrDefinitionMissing =
  (queries: Queries, uuid: string): IfNotFound =>
  (message) => {
    const instance = queries.instance(uuid);
    const isThere = instance !== undefined && isRunning(instance.state);
    return isThere ? new Problem('DEFINITION_NOT_FOUND', message) : instanceMissing(queries, uuid)(message);
  };

export const taskMissing =
  (queries: Queries, key: string): IfNotFound =>
  () => {
    const task = queries.task(key);
    if (task === undefined) return new Problem('TASK_NOT_FOUND', `expected task ${key} to exist`);
    const details = { processInstanceUuid: task.instanceId, state: task.state };
    return new Problem(
      'TASK_NOT_OPEN',
      `expected task ${key} to be open, found it ${task.state.toLowerCase()}`,
      details,
    );
  };

export const incidentMissing =
  (queries: Queries, key: string): IfNotFound =>
  () => {
    const incident = queries.incident(key);
    if (incident === undefined) return new Problem('INCIDENT_NOT_FOUND', `expected incident ${key} to exist`);
    return new Problem('INCIDENT_RESOLVED', `expected incident ${key} to be open, found it closed`, {
      processInstanceUuid: incident.instanceId,
    });
  };

/** A token that is there has no such action; one that is not there has gone on, or never was. */
export const actionMissing =
  (queries: Queries, uuid: string, tokenId: string, action: string): IfNotFound =>
  (message) => {
    const ended = endedProblem(queries, uuid);
    if (ended !== undefined) return ended;
    if (queries.instance(uuid) === undefined) {
      return new Problem('INSTANCE_NOT_FOUND', `expected instance ${uuid} to exist`);
    }
    const details = { processInstanceUuid: uuid };
    const token = queries.tokens(uuid).find(({ id }) => id === tokenId);
    if (token === undefined) return new Problem('TOKEN_NOT_FOUND', message, details);
    const actions = [...(token.action === undefined ? [] : [token.action]), ...possibleActions(token)];
    const found = actions.length === 0 ? 'none' : actions.map((name) => `"${name}"`).join(', ');
    const sentence = `expected the token at "${token.elementId}" to have the action "${action}", found ${found}`;
    return new Problem('ACTION_NOT_FOUND', sentence, details);
  };

function endedProblem(queries: Queries, uuid: string): Problem | undefined {
  const instance = queries.instance(uuid);
  if (instance === undefined || isRunning(instance.state)) return undefined;
  const { state } = instance;
  const details = { processInstanceUuid: uuid, state };
  return new Problem(
    'INSTANCE_NOT_RUNNING',
    `expected instance ${uuid} to run, found it ${state.toLowerCase()}`,
    details,
  );
}
