import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { type Client, ClientError, type Operation, type Operations } from './client.ts';

const ERRORS_MAX = 20_000;

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

/**
 * A client in a program of its own, in any language: it reads one request per line, `{ id, operation, args }`, and writes one answer
 * per line, `{ id, result }` or `{ id, error: { code, message } }`, in the same order. Its last argument is the broker's address.
 */
export class ProcessClient implements Client {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #last = 0;
  #errors = '';
  #failure: Error | undefined;

  constructor(command: string, args: readonly string[]) {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child = child;
    createInterface({ input: child.stdout }).on('line', (line) => this.#take(JSON.parse(line) as Answer));
    child.stderr.on('data', (chunk: Buffer) => {
      this.#errors = (this.#errors + chunk.toString()).slice(-ERRORS_MAX);
    });
    child.stdin.on('error', () => undefined);
    child.on('error', (error) => this.#fail(error));
    child.on('close', (code) => {
      this.#fail(new Error(`expected ${command} ${args.join(' ')} to run, found exit code ${code}:\n${this.#errors}`));
    });
  }

  async call<O extends Operation>(
    operation: O,
    args: Parameters<Operations[O]>[0],
  ): Promise<ReturnType<Operations[O]>> {
    if (this.#failure !== undefined) throw this.#failure;
    const id = ++this.#last;
    const answer = Promise.withResolvers<unknown>();
    this.#waiting.set(id, answer);
    this.#child.stdin?.write(`${JSON.stringify({ id, operation, args })}\n`);
    return (await answer.promise) as ReturnType<Operations[O]>;
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const closed = once(this.#child, 'close');
    this.#child.kill('SIGKILL');
    await closed;
  }

  #take({ id, result, error }: Answer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(result);
    else waiting?.reject(new ClientError(error.code, error.message));
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
  }
}
