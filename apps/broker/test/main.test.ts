import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let directory: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-broker-app-'));
});

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  rmSync(directory, { recursive: true, force: true });
});

interface Run {
  readonly child: ChildProcess;
  readonly lines: Record<string, unknown>[];
  readonly errors: () => string;
  /** Resolves with the first log line of this message. */
  readonly saw: (message: string) => Promise<Record<string, unknown>>;
  readonly exited: Promise<number | null>;
}

function run(args: readonly string[], environment: Record<string, string> = {}): Run {
  const main = join(import.meta.dirname, '../src/main.ts');
  const child = spawn(process.execPath, [main, ...args], { env: { PATH: process.env['PATH'], ...environment } });
  children.push(child);
  const lines: Record<string, unknown>[] = [];
  const waiting: (() => void)[] = [];
  let [output, errors] = ['', ''];
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  child.stdout.on('data', (chunk: Buffer) => {
    const parts = (output + chunk.toString()).split('\n');
    output = parts.pop() ?? '';
    lines.push(...parts.map((line) => JSON.parse(line) as Record<string, unknown>));
    for (const check of waiting) check();
  });
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  return {
    child,
    lines,
    errors: () => errors,
    exited,
    saw: (message) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          const line = lines.find((one) => one['msg'] === message);
          if (line !== undefined) resolve(line);
        };
        waiting.push(check);
        void exited.then((code) => reject(new Error(`expected "${message}", found exit code ${code}: ${errors}`)));
        check();
      }),
  };
}

async function portOf({ saw }: Run): Promise<number> {
  const { addresses } = (await saw('broker is ready')) as unknown as { addresses: { port: number }[] };
  return addresses[0]?.port ?? 0;
}

const free = ['--kafka', '127.0.0.1:0'];

describe('the broker process', () => {
  it('says what is wrong with each flag and variable, and exits with 2', async () => {
    const { exited, errors } = run(['--kafka', 'nowhere', '--fsync', 'sometimes'], { MILLRACE_PARTITIONS: 'many' });
    expect(await exited).toBe(2);
    expect(errors()).toContain(
      '--kafka (MILLRACE_KAFKA): expected host:port (such as 127.0.0.1:9092), found "nowhere"',
    );
    expect(errors()).toContain('--fsync (MILLRACE_FSYNC): expected always or never');
    expect(errors()).toContain('--partitions (MILLRACE_PARTITIONS)');
  });

  it('says which port is in use, or who has the data directory, and exits with 1', async () => {
    const first = run([...free, '--data', join(directory, 'one')]);
    const port = await portOf(first);
    const second = run(['--kafka', `127.0.0.1:${port}`, '--data', join(directory, 'two')]);
    expect(await second.exited).toBe(1);
    expect(second.errors()).toContain(`PORT_IN_USE: expected 127.0.0.1:${port} to be free`);
    const third = run([...free, '--data', join(directory, 'one')]);
    expect(await third.exited).toBe(1);
    expect(third.errors()).toContain(`DIRECTORY_LOCKED`);
    expect(third.errors()).toContain(`process ${first.child.pid}`);
  });

  it('refuses a directory of another version, and leaves it as it is', async () => {
    const first = run([...free, '--data', directory]);
    await portOf(first);
    first.child.kill('SIGTERM');
    expect(await first.exited).toBe(0);
    const before = readdirSync(directory).sort();
    writeFileSync(join(directory, 'format'), 'something else');
    const second = run([...free, '--data', directory]);
    expect(await second.exited).toBe(1);
    expect(second.errors()).toContain('METADATA_DAMAGED');
    expect(readdirSync(directory).sort()).toEqual(before);
  });

  it('ends cleanly within seconds of SIGTERM while a client waits in a request', async () => {
    const broker = run([...free, '--data', directory]);
    const socket = await connected(await portOf(broker));
    // ApiVersions 0, so that the connection is known to be served; then silence.
    socket.write(Buffer.from('0000000c001200000000000100026162', 'hex'));
    await once(socket, 'data');
    broker.child.kill('SIGTERM');
    expect(await broker.exited).toBe(0);
    expect(broker.lines.at(-1)?.['msg']).toBe('broker is closed');
    expect(readdirSync(directory)).toContain('clean-shutdown');
    socket.destroy();
  });

  it('presents as many nodes as it is told, on a port each', async () => {
    const broker = run([...free, '--data', directory, '--nodes', '3']);
    const { addresses } = (await broker.saw('broker is ready')) as unknown as { addresses: { port: number }[] };
    expect(new Set(addresses.map(({ port }) => port)).size).toBe(3);
    for (const { port } of addresses) (await connected(port)).destroy();
  });

  it('counts node ids from the one it is told', async () => {
    const broker = run([...free, '--data', directory, '--nodes', '2', '--node-id', '0']);
    const socket = await connected(await portOf(broker));
    // Metadata 1, of no topics.
    socket.write(Buffer.from('0000001000030001000000010002616200000000', 'hex'));
    const [answer] = (await once(socket, 'data')) as [Buffer];
    // Behind length and correlation id: how many, then id, address (2 + 9 + 4 bytes) and rack (2) of each.
    const ids = [0, 1].map((index) => answer.readInt32BE(12 + index * 21));
    expect([answer.readInt32BE(8), ids]).toEqual([2, [0, 1]]);
    socket.destroy();
  });

  it('explains its settings', async () => {
    const main = run(['--help']);
    let text = '';
    main.child.stdout?.removeAllListeners('data').on('data', (chunk: Buffer) => (text += chunk.toString()));
    expect(await main.exited).toBe(0);
    expect(text).toContain('--data');
    expect(text).toContain('MILLRACE_FSYNC');
  });
});

async function connected(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}
