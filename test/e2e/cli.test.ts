/** The `millrace` command as a person at a terminal uses it, against a running server. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { RunningServer } from './running-server.ts';

const bin = fileURLToPath(new URL('../../apps/millrace/bin/millrace.js', import.meta.url));
const onboarding = fileURLToPath(new URL('../../apps/examples/models/onboarding.bpmn', import.meta.url));

interface Said {
  readonly exitCode: number | null;
  readonly out: string;
  readonly err: string;
}

describe('the millrace command', () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await RunningServer.start(['--fsync', 'never']);
    await until('the plugins to consume', () => server.process.output.includes('notification: consuming'));
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const millrace = async (...args: string[]): Promise<Said> => {
    const child = spawn(process.execPath, [bin, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, MILLRACE_URL: server.process.url },
    });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    const exitCode = await new Promise<number | null>((resolve) => child.once('close', resolve));
    return { exitCode, out, err };
  };
  const said = async (...args: string[]): Promise<string> => {
    const { exitCode, out, err } = await millrace(...args);
    expect(exitCode, err).toBe(0);
    return out;
  };
  const customer = (id: string): string => `customer={"id":"${id}","name":"Ada","email":"ada@example.com"}`;

  it('checks and deploys a model', async () => {
    expect(await said('check', onboarding)).toBe('0 errors, 0 warnings\n');
    expect(await said('check', '--url', server.process.url, onboarding)).toBe('0 errors, 0 warnings\n');
    expect(await said('deploy', onboarding)).toContain('unchanged  process  onboarding  version 1');
  });

  it('ends with 1 and says how to mend a model that would be refused', async () => {
    const path = join(server.dataDirectory, 'bad.bpmn');
    writeFileSync(path, '<nonsense/>');
    const { exitCode, out } = await millrace('check', path);
    expect(exitCode).toBe(1);
    expect(out).toContain('bad.bpmn');
    expect(out).toContain('Save the model again');
    expect((await millrace('check', join(server.dataDirectory, 'none.bpmn'))).exitCode).toBe(2);
  });

  it('starts an instance, publishes the message it waits for, and shows its result', async () => {
    const started = JSON.parse(await said('start', 'onboarding', '--json', '--var', customer('c-100')));
    const id = String(started.processInstanceUuid);
    await server.untilAt(id, 'AwaitSignedDocument');
    expect(await said('status', id)).toContain('AwaitSignedDocument');
    expect(await said('suspend', id, '--reason', 'audit')).toContain('SUSPENDED');
    expect(await said('resume', id)).toContain('STARTED');
    const reached = await said('publish', 'document-signed', 'c-100', '--var', 'documentId=d-7');
    expect(reached).toMatch(new RegExp(`^CORRELATED\\n  ${id}  AwaitSignedDocument`));
    await server.untilEnded(id);
    expect(await said('status', id)).toContain('"documentId": "d-7"');
    const history = await said('watch', id, '--from', 'start', '--json');
    expect(history.split('\n')[0]).toContain('instance.started');
  });

  it('lists and completes a user task, and cancels an instance', async () => {
    const started = JSON.parse(await said('start', 'onboarding', '--json', '--var', customer('c-200')));
    const id = String(started.processInstanceUuid);
    await server.untilAt(id, 'ReviewApplication');
    const [line = ''] = (await said('tasks', '--group', 'risk')).split('\n').filter((row) => row.includes(id));
    expect(line).toContain('Review application');
    expect(await said('complete', line.split(' ')[0] ?? '', '--var', 'approved=false')).toContain('completed');
    const other = JSON.parse(await said('start', 'onboarding', '--json', '--var', customer('c-200')));
    expect(await said('cancel', String(other.processInstanceUuid))).toContain('CANCELLED');
    expect(await said('incidents')).toBe('');
  });

  it('acts on the token of a node, and moves it back to a step that it has passed', async () => {
    expect(await said('deploy', fileURLToPath(new URL('review.bpmn', import.meta.url)))).toContain('review');
    const started = JSON.parse(await said('start', 'review', '--json', '--var', 'customer=Ada'));
    const id = String(started.processInstanceUuid);
    const tokenAt = async (node: string): Promise<string> => {
      const { tokens } = JSON.parse(await said('status', id, '--json')) as { tokens: { id: string; node: string }[] };
      return tokens.find((token) => token.node === node)?.id ?? '';
    };
    expect(await said('act', id, await tokenAt('Ask'), 'complete', '--var', 'amount=7')).toContain('note, approve');
    expect(await said('status', id)).toMatch(/stage Review\nreached Asked/);
    const token = await tokenAt('Review');
    expect((await millrace('act', id, token, 'score')).err).toContain('ACTION_NOT_MANUAL');
    expect(await said('back', id, token, '--node', 'Ask', '--var', 'why=typo')).toContain('Ask');
    expect(await said('status', id)).toContain('"why": "typo"');
  });

  it('says in a sentence what is wrong, and ends with what scripts test for', async () => {
    const missing = await millrace('start', 'nothing');
    expect(missing).toMatchObject({ exitCode: 1, out: '' });
    expect(missing.err).toContain('DEFINITION_NOT_FOUND');
    const nobody = await millrace('status', '00000000-0000-8000-8000-000000000000', '--url', 'http://127.0.0.1:9');
    expect(nobody.err).toContain('expected a Millrace server');
    expect((await millrace('nonsense')).exitCode).toBe(2);
  });
});
