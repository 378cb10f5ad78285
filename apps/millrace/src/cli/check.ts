import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { CheckAnswer } from '@millrace/contract';
import { messageOf } from '@millrace/std';

import { CliFailure, EXIT_USAGE } from './failure.ts';
import type { RestServer } from './rest.ts';
import type { Terminal } from './terminal.ts';

type Issue = CheckAnswer['issues'][number];

/**
 * `millrace check file.bpmn …`: what a deployment would complain about. On its own it knows the files alone; a server also knows
 * what is deployed, and which plugins there are.
 */
export async function check(server: RestServer | undefined, out: Terminal, files: readonly string[]): Promise<void> {
  const contents = files.map((file) => ({ name: basename(file), content: contentsOf(file) }));
  const issues = server === undefined ? await checkHere(contents) : await checkThere(server, contents);
  const errors = issues.filter(({ severity }) => severity === 'error').length;
  if (out.json) out.value({ isDeployable: errors === 0, issues });
  else print(out, issues, errors);
  if (errors > 0) process.exitCode = 1;
}

async function checkHere(files: readonly { name: string; content: Buffer }[]): Promise<readonly Issue[]> {
  // Loaded only here: no other verb reads models.
  const { reviewFiles } = await import('@millrace/app-engine');
  return (await reviewFiles(files)).issues;
}

async function checkThere(
  server: RestServer,
  files: readonly { name: string; content: Buffer }[],
): Promise<readonly Issue[]> {
  const form = new FormData();
  for (const { name, content } of files) form.append('files', new Blob([new Uint8Array(content)]), name);
  const answer = await server.json<CheckAnswer>('/api/definitions/check', { method: 'POST', body: form });
  return answer.issues;
}

function print(out: Terminal, issues: readonly Issue[], errors: number): void {
  for (const { severity, file, elementId, rule, message, mend } of issues) {
    const where = [file, elementId].filter((part) => part !== undefined).join(' ');
    const style = severity === 'error' ? 'red' : 'yellow';
    out.line(`${out.style(style, severity ?? 'error')}  ${where}  ${message} (${rule ?? ''})`);
    if (mend !== undefined) out.line(`         ${mend}`);
  }
  const warnings = issues.length - errors;
  out.line(`${errors} errors, ${warnings} warnings`);
}

function contentsOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new CliFailure(`expected a file at ${path}: ${messageOf(error)}`, { exitCode: EXIT_USAGE });
  }
}
