/** What a person at a terminal does to what runs: operate instances, do tasks, publish, mend incidents. */
import type { InstanceStatus, MessageAnswer } from '@millrace/contract';
import type { z } from 'zod';
import type { listIncidentsAnswer, listTasksAnswer } from '@millrace/contract';

import type { RestServer } from './rest.ts';
import { type Terminal, table } from './terminal.ts';
import { variablesText } from './variables.ts';

const json = { 'content-type': 'application/json' };

/** `millrace cancel|suspend|resume uuid`. */
export async function operate(
  server: RestServer,
  out: Terminal,
  operation: 'cancel' | 'suspend' | 'resume',
  uuid: string,
  reason: string | undefined,
): Promise<void> {
  const path = `/api/process/${encodeURIComponent(uuid)}/${operation}`;
  const body = operation === 'resume' ? {} : { headers: json, body: JSON.stringify({ reason }) };
  const answer = await server.json<InstanceStatus>(path, { method: 'POST', ...body });
  if (out.json) return out.value(answer);
  out.line(`${answer.processInstanceUuid}  ${answer.definition} version ${answer.version}  ${answer.state}`);
}

/** `millrace tasks`: what waits for a person. */
export async function tasks(
  server: RestServer,
  out: Terminal,
  filter: { readonly assignee?: string; readonly group?: string; readonly definition?: string },
): Promise<void> {
  const query = { assignee: filter.assignee, candidateGroup: filter.group, definition: filter.definition };
  const { items } = await server.json<z.infer<typeof listTasksAnswer>>('/api/tasks', { query });
  if (out.json) return items.forEach((item) => out.value(item));
  const rows = items.map(({ id, name, node, state, assignee, processInstanceUuid }) => [
    id,
    name ?? node,
    assignee === undefined ? state : `${state} by ${assignee}`,
    processInstanceUuid,
  ]);
  for (const row of table(rows)) out.line(row);
}

/** `millrace complete task`: its result are the variables. */
export async function complete(
  server: RestServer,
  out: Terminal,
  id: string,
  options: { readonly variables?: string; readonly var: readonly string[] },
): Promise<void> {
  const path = `/api/tasks/${encodeURIComponent(id)}/complete`;
  const body = variablesText(options.variables, options.var);
  const answer = await server.json<unknown>(path, { method: 'POST', headers: json, body });
  if (out.json) return out.value(answer);
  out.line(`completed ${id}`);
}

/** `millrace publish name key`: a message, and whom it reached. */
export async function publish(
  server: RestServer,
  out: Terminal,
  name: string,
  correlationKey: string,
  options: { readonly variables?: string; readonly var: readonly string[]; readonly timeToLive?: string },
): Promise<void> {
  const variables: unknown = JSON.parse(variablesText(options.variables, options.var));
  const body = JSON.stringify({ name, correlationKey, variables, timeToLive: options.timeToLive });
  const answer = await server.json<MessageAnswer>('/api/messages', { method: 'POST', headers: json, body });
  if (out.json) return out.value(answer);
  out.line(answer.outcome);
  for (const { processInstanceUuid, node = '' } of answer.reached) out.line(`  ${processInstanceUuid}  ${node}`);
}

/** `millrace incidents`: what is stuck, and why. */
export async function incidents(server: RestServer, out: Terminal, definition: string | undefined): Promise<void> {
  const { items } = await server.json<z.infer<typeof listIncidentsAnswer>>('/api/incidents', { query: { definition } });
  if (out.json) return items.forEach((item) => out.value(item));
  for (const { id, processInstanceUuid, node = '', kind, message } of items) {
    out.line(`${out.style('red', id)}  ${processInstanceUuid}  ${node}  ${kind}: ${message}`);
  }
}

/** `millrace resolve incident`: the failed step is tried again. */
export async function resolve(
  server: RestServer,
  out: Terminal,
  id: string,
  retries: string | undefined,
): Promise<void> {
  const body = JSON.stringify(retries === undefined ? {} : { retries: Number(retries) });
  const path = `/api/incidents/${encodeURIComponent(id)}/resolve`;
  const answer = await server.json<unknown>(path, { method: 'POST', headers: json, body });
  if (out.json) return out.value(answer);
  out.line(`resolved ${id}`);
}
