/** `millrace up` and a plugin for it, each a process of its own, as a user runs them on one machine. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ServerProcess } from '../support/server-process.ts';
import { postJson } from './load.ts';

export const oneTaskModel = readFileSync(new URL('one-task.bpmn', import.meta.url), 'utf8');

export async function deploy(url: string, model: string): Promise<void> {
  const response = await fetch(`${url}/api/definitions`, {
    method: 'POST',
    headers: { 'content-type': 'application/xml' },
    body: model,
  });
  if (response.status !== 201)
    throw new Error(`expected the model to be deployed, found ${response.status}: ${await response.text()}`);
  await response.body?.cancel();
}

/** Runs the plugin of the bench's tasks while `use` runs. */
export async function withPlugin<T>(server: ServerProcess, use: () => Promise<T>): Promise<T> {
  const script = fileURLToPath(new URL('echo-plugin.ts', import.meta.url));
  const plugin = spawn(process.execPath, [script, server.kafka], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(plugin.stdout, 'data');
  try {
    return await use();
  } finally {
    plugin.kill('SIGTERM');
    await once(plugin, 'exit');
  }
}

/** Starts an instance and waits until it has completed. */
export function startAndWait(url: string, process: string): Promise<void> {
  return postJson(`${url}/api/process/${process}/start?wait=completed&timeout=30s`, '{"customer":"Ada","amount":1200}');
}
