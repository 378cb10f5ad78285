import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type TestContext, afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { RunningServer } from './running-server.ts';

const python =
  ['/usr/bin/python3', 'python3'].find((path) => spawnSync(path, ['-c', 'import kafka']).status === 0) ?? '';
const missing = [
  ...['kcat', 'jq'].filter((tool) => spawnSync(tool, ['-V']).error !== undefined),
  ...(python === '' ? ['python3-kafka'] : []),
];

const examples = new URL('../../apps/examples/', import.meta.url);

describe('plugins that are no JavaScript', () => {
  let server: RunningServer;
  const plugins: Plugin[] = [];

  beforeAll(async () => {
    server = await RunningServer.start(['--demo', 'false', '--fsync', 'never']);
    const model = await readFile(new URL('models/onboarding.bpmn', examples), 'utf8');
    expect(await server.post('/api/definitions', model, 'application/xml')).toMatchObject({ status: 201 });
    if (missing.length > 0) return;
    plugins.push(runPlugin(server, [python, 'credit_check.py']), runPlugin(server, ['bash', 'notify.sh']));
  });
  afterAll(async () => {
    await Promise.all(plugins.map(endPlugin));
    await server[Symbol.asyncDispose]();
  });

  it('run the demo to its end: Python checks the credit, a shell script with kcat notifies', async (context) => {
    needTools(context);
    const customer = { id: 'c-100', name: "Ada O'Lovelace, Countess", email: 'ada@example.com' };
    const id = await server.startInstance('onboarding', { customer });
    await untilWith(plugins, () => server.untilAt(id, 'AwaitSignedDocument'));
    const message = { name: 'document-signed', correlationKey: customer.id };
    expect(await server.post('/api/messages', message)).toMatchObject({ body: { outcome: 'CORRELATED' } });

    const status = await untilWith(plugins, () => server.untilEnded(id));
    expect(status).toMatchObject({
      state: 'FINISHED',
      incidents: [],
      variables: {
        credit: { score: 780, bureau: 'north' },
        salesNotificationId: expect.any(String),
        lastNotificationId: expect.any(String),
      },
    });
    await until('the script to have told both', () => plugins[1]?.output().includes('Welcome, '));
    expect(plugins[1]?.output()).toContain(`to ada@example.com: Welcome, ${customer.name}! Your account is open.`);
    expect(plugins[1]?.output()).toContain(`to sales@bank.example: We have a new customer: ${customer.name}.`);
  });

  it('throw BPMN errors: Python does not know the customer, the script tells him no', async (context) => {
    needTools(context);
    const customer = { id: 'c-999', name: 'Nobody', email: 'nobody@example.com' };
    const id = await server.startInstance('onboarding', { customer });
    const status = await untilWith(plugins, () => server.untilEnded(id));
    expect(status).toMatchObject({ state: 'FINISHED', incidents: [] });
    await until('the script to have told him', () =>
      plugins[1]?.output().includes('Dear Nobody, we cannot open an account'),
    );
  });
});

function needTools(context: TestContext): void {
  if (missing.length > 0)
    context.skip(`expected ${missing.join(', ')}; get it with: apt-get install ${missing.join(' ')}`);
}

interface Plugin {
  readonly process: ChildProcess;
  readonly output: () => string;
}

/** Runs a plugin of the examples as a user does. */
function runPlugin(server: RunningServer, [interpreter, file]: readonly [string, string]): Plugin {
  const script = fileURLToPath(new URL(`plugins/${file}`, examples));
  let output = '';
  // A process group of its own: the shell's kcat must go with it.
  const child = spawn(interpreter, [script, server.process.kafka], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: { ...process.env, PYTHONUNBUFFERED: '1' },
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-20_000);
    });
  }
  return { process: child, output: () => output };
}

async function endPlugin({ process: child }: Plugin): Promise<void> {
  if (child.exitCode !== null || child.pid === undefined) return;
  const exited = once(child, 'exit');
  process.kill(-child.pid, 'SIGKILL');
  await exited;
}

/** A plugin's own words are what explains a job that nobody did. */
async function untilWith<T>(plugins: readonly Plugin[], wait: () => Promise<T>): Promise<T> {
  try {
    return await wait();
  } catch (error) {
    const said = plugins.map(({ process: child, output }) => `${child.spawnargs.join(' ')}:\n${output()}`);
    throw new Error(`${String(error)}\n${said.join('\n')}`, { cause: error });
  }
}
