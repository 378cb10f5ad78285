import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { DeploymentAnswer } from '@millrace/contract';
import { messageOf } from '@millrace/std';

import { CliFailure, EXIT_USAGE } from './failure.ts';
import type { RestServer } from './rest.ts';
import { type Terminal, table } from './terminal.ts';

/** `millrace deploy file.bpmn …`: all files in one deployment, so that either all of them are deployed or none. */
export async function deploy(server: RestServer, out: Terminal, files: readonly string[]): Promise<void> {
  const form = new FormData();
  for (const file of files)
    form.append('files', new Blob([contentsOf(file)], { type: 'application/xml' }), basename(file));
  const answer = await server.json<DeploymentAnswer>('/api/definitions', { method: 'POST', body: form });
  if (out.json) return out.value(answer);

  const row = (what: string, name: string, { isNew, version }: { isNew: boolean; version: number }): string[] => [
    isNew ? 'deployed' : 'unchanged',
    what,
    name,
    `version ${version}`,
  ];
  const rows = [
    ...answer.definitions.map((process) => row('process', process.name, process)),
    ...answer.decisions.map((decision) => row('decision', decision.id, decision)),
    ...answer.forms.map((form) => row('form', form.id, form)),
  ];
  for (const row of table(rows)) out.line(row);
  for (const warning of answer.warnings) {
    const where = [warning.file, warning.elementId].filter((part) => part !== undefined).join(' ');
    out.line(`${out.style('yellow', 'warning')}  ${where}: ${warning.message}`);
  }
}

function contentsOf(path: string): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (error) {
    throw new CliFailure(`expected a model at ${path}: ${messageOf(error)}`, { exitCode: EXIT_USAGE });
  }
}
