import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import {
  type Api,
  encodeRequest,
  FrameSplitter,
  type RequestInput,
  type Response,
  decodeResponse,
} from '@millrace/wire';
import { expect, onTestFinished } from 'vitest';
import { BrokerProcess, type LogLine } from '../support/broker-process.ts';

const MB = 1024 * 1024;

/** What V8 leaves lying before it collects: its old generation begins at 128 MB (apps/broker), and buffers are garbage, too. */
const GARBAGE_BYTES = 160 * MB;

/** A broker in a process of its own, whose memory is read from /proc. */
export class AttackedBroker {
  readonly process: BrokerProcess;
  readonly #idleBytes: number;

  private constructor(process: BrokerProcess) {
    this.process = process;
    this.#idleBytes = this.#status('VmRSS');
  }

  static async start(limits: Readonly<Record<string, number>> = {}): Promise<AttackedBroker> {
    const pairs = Object.entries(limits).map(([name, value]) => `${name}=${value}`);
    const flags = pairs.length === 0 ? [] : ['--limits', pairs.join(',')];
    const process = await BrokerProcess.start('--fsync', 'never', ...flags);
    onTestFinished(() => process.remove());
    return new AttackedBroker(process);
  }

  /** That it never took more memory than it had idle, the bound, and garbage. */
  expectGrownByAtMost(bytes: number): void {
    const grown = this.#status('VmHWM') - this.#idleBytes;
    console.log(`  grown by ${(grown / MB).toFixed(0)} MB, allowed ${((bytes + GARBAGE_BYTES) / MB).toFixed(0)} MB`);
    expect(grown).toBeLessThanOrEqual(bytes + GARBAGE_BYTES);
  }

  warnings(): LogLine[] {
    return this.process.lines().filter(({ level }) => level >= 40);
  }

  /** Seconds of processor time so far, of all threads. */
  cpuSeconds(): number {
    const fields = readFileSync(`/proc/${this.process.pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? [];
    const TICKS_PER_SECOND = 100;
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  }

  async connect(): Promise<Socket> {
    const socket = connect({ port: this.process.port, host: '127.0.0.1', noDelay: true });
    socket.on('error', () => {});
    await once(socket, 'connect');
    return socket;
  }

  /** One request of a client that means well, on a connection of its own. */
  async request<A extends Api>(api: A, version: number, body: RequestInput<A>): Promise<Response<A>> {
    const socket = await this.connect();
    const splitter = new FrameSplitter(256 * MB);
    const answer = new Promise<Buffer>((resolve, reject) => {
      socket.on('data', (chunk: Buffer) => splitter.push(chunk).forEach(resolve));
      socket.on('close', () => reject(new Error(`expected an answer to ${api.name}, found the connection closed`)));
    });
    socket.write(requestFrame(api, version, body));
    const frame = await answer;
    socket.destroy();
    return decodeResponse(api, version, frame).body;
  }

  #status(name: string): number {
    const match = new RegExp(`${name}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${this.process.pid}/status`, 'latin1'));
    if (match === null) throw new Error(`expected ${name} in /proc, found none: this lane needs Linux`);
    return Number(match[1]) * 1024;
  }
}

export function requestFrame<A extends Api>(api: A, version: number, body: RequestInput<A>): Buffer {
  return Buffer.concat(encodeRequest({ api, version, correlationId: 1, clientId: 'hostile' }, body));
}
