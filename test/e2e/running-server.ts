import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServerProcess, freePorts } from '../support/server-process.ts';
import { until } from '../support/until.ts';

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** `millrace up` in a data directory of its own, and what a user of REST does with it. Disposed of, both are gone. */
export class RunningServer implements AsyncDisposable {
  readonly process: ServerProcess;
  readonly dataDirectory: string;
  readonly httpPort: number;
  readonly kafkaPort: number;

  static async start(
    flags: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ): Promise<RunningServer> {
    const [httpPort = 0, kafkaPort = 0] = await freePorts(2);
    const server = new RunningServer(httpPort, kafkaPort, flags, environment);
    try {
      await server.process.start();
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
    return server;
  }

  private constructor(
    httpPort: number,
    kafkaPort: number,
    flags: readonly string[],
    environment: Readonly<Record<string, string>>,
  ) {
    this.httpPort = httpPort;
    this.kafkaPort = kafkaPort;
    this.dataDirectory = mkdtempSync(join(tmpdir(), 'millrace-e2e-'));
    this.process = new ServerProcess({ dataDirectory: this.dataDirectory, httpPort, kafkaPort, flags, environment });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process.kill();
    rmSync(this.dataDirectory, { recursive: true, force: true });
  }

  async get(path: string): Promise<Answer> {
    return await answerOf(await fetch(`${this.process.url}${path}`));
  }

  /** Posts JSON; a text goes out as it is, so that a test can send what no program would. */
  async post(path: string, body: unknown = {}, contentType = 'application/json'): Promise<Answer> {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const headers = { 'content-type': contentType };
    return await answerOf(await fetch(`${this.process.url}${path}`, { method: 'POST', headers, body: text }));
  }

  /** Starts an instance and gives its id. */
  async startInstance(definition: string, variables: Record<string, unknown>): Promise<string> {
    const { status, body } = await this.post(`/api/process/${definition}/start`, variables);
    if (status !== 200) throw new Error(`expected ${definition} to start, found ${status}: ${JSON.stringify(body)}`);
    return String(body['processInstanceUuid']);
  }

  /** Waits until the instance looks as a test wants it, and gives its status. */
  async untilStatus(id: string, what: string, isSo: (status: InstanceStatus) => boolean): Promise<InstanceStatus> {
    let seen: InstanceStatus | undefined;
    try {
      return await until(
        what,
        async () => {
          seen = (await this.get(`/api/process/${id}/status`)).body as unknown as InstanceStatus;
          return isSo(seen) && seen;
        },
        15_000,
      );
    } catch (error) {
      throw new Error(`${String(error)}; found ${JSON.stringify(seen)}\n${this.process.output}`, { cause: error });
    }
  }

  untilAt(id: string, node: string): Promise<InstanceStatus> {
    return this.untilStatus(id, `the instance at ${node}`, ({ tokens }) => tokens.some((token) => token.node === node));
  }

  untilEnded(id: string): Promise<InstanceStatus> {
    return this.untilStatus(id, 'the instance to end', ({ state }) => state !== 'STARTED');
  }
}

export interface InstanceStatus {
  readonly state: string;
  readonly tokens: readonly { readonly node: string }[];
  readonly variables: Readonly<Record<string, unknown>>;
  readonly incidents: readonly unknown[];
}

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown> };
}
