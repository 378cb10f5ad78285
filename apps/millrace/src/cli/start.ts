import type { StartAnswer } from '@millrace/contract';

import type { RestServer } from './rest.ts';
import { printTokens } from './status.ts';
import type { Terminal } from './terminal.ts';
import { variablesText } from './variables.ts';

export interface StartOptions {
  readonly variables?: string;
  readonly var: readonly string[];
  readonly version?: string;
  readonly businessKey?: string;
  readonly idempotencyKey?: string;
  readonly wait?: boolean;
  readonly timeout?: string;
}

/** `millrace start name`: starts an instance and says which one; with `--wait` stays for its result. */
export async function start(server: RestServer, out: Terminal, name: string, options: StartOptions): Promise<void> {
  const answer = await server.json<StartAnswer>(`/api/process/${encodeURIComponent(name)}/start`, {
    method: 'POST',
    query: {
      version: options.version,
      businessKey: options.businessKey,
      wait: options.wait === true ? 'completed' : undefined,
      timeout: options.timeout,
    },
    headers: {
      'content-type': 'application/json',
      ...(options.idempotencyKey === undefined ? {} : { 'idempotency-key': options.idempotencyKey }),
    },
    body: variablesText(options.variables, options.var),
  });
  if (out.json) return out.value(answer);

  out.line(
    `${out.style('bold', answer.processInstanceUuid)}  ${answer.definition} version ${answer.version}  ${answer.state}`,
  );
  printTokens(out, answer.tokens);
  if (answer.variables !== undefined) out.line(JSON.stringify(answer.variables, null, 2));
}
