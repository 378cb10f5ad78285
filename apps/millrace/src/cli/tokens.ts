/** What a person at a terminal does with one token of an instance. */
import type { ActionAnswer } from '@millrace/contract';

import type { RestServer } from './rest.ts';
import { printTokens } from './status.ts';
import type { Terminal } from './terminal.ts';
import { variablesText } from './variables.ts';

const json = { 'content-type': 'application/json' };

interface VariableFlags {
  readonly variables?: string;
  readonly var: readonly string[];
}

/** `millrace act uuid token action`: a manual action of the node that the token is at. */
export async function act(
  server: RestServer,
  out: Terminal,
  at: { readonly uuid: string; readonly token: string; readonly action: string },
  options: VariableFlags,
): Promise<void> {
  const path = `${tokenPath(at)}/action/${encodeURIComponent(at.action)}/execute`;
  const body = variablesText(options.variables, options.var);
  say(out, await server.json<ActionAnswer>(path, { method: 'POST', headers: json, body }));
}

/** `millrace back uuid token`: to a node that the token has passed. */
export async function back(
  server: RestServer,
  out: Terminal,
  at: { readonly uuid: string; readonly token: string },
  { node, withOthers, ...options }: VariableFlags & { readonly node?: string; readonly withOthers?: boolean },
): Promise<void> {
  const variables: unknown = JSON.parse(variablesText(options.variables, options.var));
  const body = JSON.stringify({ node, variables, withOthers });
  say(out, await server.json<ActionAnswer>(`${tokenPath(at)}/back`, { method: 'POST', headers: json, body }));
}

function tokenPath({ uuid, token }: { readonly uuid: string; readonly token: string }): string {
  return `/api/process/${encodeURIComponent(uuid)}/token/${encodeURIComponent(token)}`;
}

function say(out: Terminal, answer: ActionAnswer): void {
  if (out.json) return out.value(answer);
  out.line(`${answer.processInstanceUuid}  ${answer.state}`);
  printTokens(out, answer.tokens);
}
