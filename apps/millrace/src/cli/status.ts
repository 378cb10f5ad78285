import type { InstanceStatus, Token } from '@millrace/contract';

import type { RestServer } from './rest.ts';
import { type Terminal, table } from './terminal.ts';

/** `millrace status uuid`: where an instance stands, what it knows, and what holds it up. */
export async function status(server: RestServer, out: Terminal, uuid: string): Promise<void> {
  const answer = await server.json<InstanceStatus>(`/api/process/${encodeURIComponent(uuid)}/status`);
  if (out.json) return out.value(answer);

  const ended = answer.endedAt === undefined ? '' : `, ended ${answer.endedAt}`;
  out.line(
    `${out.style('bold', answer.processInstanceUuid)}  ${answer.definition} version ${answer.version}  ${answer.state}`,
  );
  if (answer.businessKey !== undefined) out.line(`business key  ${answer.businessKey}`);
  if (answer.stage !== undefined) out.line(`stage ${answer.stage}`);
  for (const { name, reachedAt } of answer.milestones) out.line(`reached ${name} ${reachedAt}`);
  out.line(`started ${answer.startedAt}${ended}`);
  printTokens(out, answer.tokens);
  for (const incident of answer.incidents) {
    out.line(
      `${out.style('red', 'incident')} ${incident.id}  ${incident.node ?? ''}  ${incident.kind}: ${incident.message}`,
    );
  }
  out.line(`variables ${JSON.stringify(answer.variables, null, 2)}`);
}

export function printTokens(out: Terminal, tokens: readonly Token[]): void {
  const rows = tokens.map((token) => ['  at', token.node, token.nodeType, token.status, whatCanBeDone(token)]);
  for (const row of table(rows)) out.line(row);
}

function whatCanBeDone({ id, actions, backTo = [] }: Token): string {
  const parts = [
    ...(actions.length === 0 ? [] : [`actions: ${actions.join(', ')}`]),
    ...(backTo.length === 0 ? [] : [`back to: ${backTo.join(', ')}`]),
  ];
  return parts.length === 0 ? '' : [`token ${id}`, ...parts].join(', ');
}
