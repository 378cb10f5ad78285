import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePorts } from './server-process.ts';
import { until } from './until.ts';

const main = fileURLToPath(new URL('../../apps/broker/bin/broker.js', import.meta.url));

export interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** The broker as users run it: a process of its own on a data directory of its own, to be stopped, killed, started again. */
export class BrokerProcess {
  readonly address: string;
  readonly port: number;
  readonly #directory = mkdtempSync(join(tmpdir(), 'millrace-interop-'));
  readonly #flags: readonly string[];
  readonly #environment: Readonly<Record<string, string>>;
  #child: ChildProcess | undefined;
  #output = '';

  private constructor(port: number, flags: readonly string[], environment: Readonly<Record<string, string>>) {
    this.port = port;
    this.address = `127.0.0.1:${port}`;
    this.#flags = flags;
    this.#environment = environment;
  }

  static start(...flags: string[]): Promise<BrokerProcess> {
    return BrokerProcess.startWith({}, ...flags);
  }

  /** With variables beside those of the test. */
  static async startWith(
    environment: Readonly<Record<string, string>>,
    ...flags: readonly string[]
  ): Promise<BrokerProcess> {
    const [port = 0] = await freePorts(1);
    const broker = new BrokerProcess(port, flags, environment);
    await broker.start();
    return broker;
  }

  async start(): Promise<void> {
    this.#output = '';
    const args = [main, '--kafka', this.address, '--data', this.#directory, ...this.#flags];
    const env = { ...process.env, ...this.#environment };
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        this.#output += chunk.toString();
      });
    }
    await until('the broker to say that it is ready', () => {
      if (child.exitCode !== null) throw new Error(`expected the broker to run, found:\n${this.#output}`);
      return this.lines().some(({ msg }) => msg === 'broker is ready');
    });
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** What the broker has logged since it started. */
  lines(): LogLine[] {
    const whole = this.#output.split('\n').filter((line) => line.startsWith('{') && line.endsWith('}'));
    return whole.map((line) => JSON.parse(line) as LogLine);
  }

  /** SIGTERM: everything is closed in order. */
  stop(): Promise<void> {
    return this.#end('SIGTERM');
  }

  /** SIGKILL: nothing is closed, nothing flushed. */
  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  /** The end of the test. */
  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }
}
