import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A program of this directory, run as a process of its own that is killed and started again. */
export class KilledProgram {
  readonly #args: readonly string[];
  #child: ChildProcess;

  constructor(name: string, ...args: readonly string[]) {
    this.#args = [fileURLToPath(new URL(name, import.meta.url)), ...args];
    this.#child = this.#spawn();
  }

  /** SIGKILL, and another in its place. */
  async replace(): Promise<void> {
    await this.kill();
    this.#child = this.#spawn();
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }

  #spawn(): ChildProcess {
    return spawn(process.execPath, this.#args, { stdio: ['ignore', 'ignore', 'ignore'] });
  }
}
