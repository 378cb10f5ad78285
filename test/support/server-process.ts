import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../apps/millrace/bin/millrace.js', import.meta.url));

export interface ServerOptions {
  readonly dataDirectory: string;
  readonly httpPort: number;
  readonly kafkaPort: number;
  readonly flags?: readonly string[];
  /** Beside the variables of the test. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** `millrace up` as users run it: a process of its own, that can be killed at any moment and started again. */
export class ServerProcess {
  readonly url: string;
  readonly kafka: string;
  readonly #options: ServerOptions;
  #child: ChildProcess | undefined;
  #output = '';

  constructor(options: ServerOptions) {
    this.#options = options;
    this.url = `http://127.0.0.1:${options.httpPort}`;
    this.kafka = `127.0.0.1:${options.kafkaPort}`;
  }

  /** What the process printed last, for the message of a failed test. */
  get output(): string {
    return this.#output;
  }

  get pid(): number {
    if (this.#child?.pid === undefined) throw new Error('expected the server to run');
    return this.#child.pid;
  }

  /** Starts the process and waits until it says it is ready; returns the ms that took. */
  async start(): Promise<number> {
    const { dataDirectory, httpPort, kafkaPort, flags = [], environment = {} } = this.#options;
    const began = performance.now();
    const child = spawn(
      process.execPath,
      [
        main,
        'up',
        '--http',
        `127.0.0.1:${httpPort}`,
        '--kafka',
        `127.0.0.1:${kafkaPort}`,
        '--data',
        dataDirectory,
        ...flags,
      ],
      { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...environment } },
    );
    this.#child = child;
    this.#output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.#output = (this.#output + chunk.toString()).slice(-20_000);
      });
    }
    await this.#untilReady(child);
    return performance.now() - began;
  }

  /** SIGKILL: no handler runs, nothing is flushed. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** SIGTERM, as a supervisor stops it; returns the exit code. */
  async stop(): Promise<number | null> {
    return this.#end('SIGTERM');
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined) return null;
    if (child.exitCode === null && child.signalCode === null) {
      const exited = once(child, 'exit');
      child.kill(signal);
      await exited;
    }
    return child.exitCode;
  }

  async #untilReady(child: ChildProcess): Promise<void> {
    const deadline = performance.now() + 60_000;
    while (performance.now() < deadline) {
      if (child.exitCode !== null)
        throw new Error(`expected the server to start, found exit code ${child.exitCode}:\n${this.#output}`);
      if (child.signalCode !== null) return;
      const response = await fetch(`${this.url}/health/ready`).catch(() => undefined);
      if (response?.ok === true) return;
      await response?.body?.cancel();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    throw new Error(`expected the server to be ready within 60 s:\n${this.#output}`);
  }
}

/** Ports that nobody listens on now. All are held until the last is found, so that they differ. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
