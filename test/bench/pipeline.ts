import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

import { FrameSplitter } from '@millrace/wire';

const FRAME_BYTES_MAX = 64 * 1024 * 1024;

/** A socket with several requests in flight, whose answers come in order. */
export class Pipeline {
  readonly #socket: Socket;
  #waiting: ((frame: Buffer) => void)[] = [];
  #first = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    const frames = new FrameSplitter(FRAME_BYTES_MAX);
    socket.on('data', (chunk: Buffer) => {
      const answers = frames.push(chunk);
      if (answers.length === 0) return;
      // What the answers have us send leaves in one system call.
      socket.cork();
      for (const answer of answers) this.#take(answer);
      socket.uncork();
    });
  }

  static async open(port: number): Promise<Pipeline> {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    await once(socket, 'connect');
    return new Pipeline(socket);
  }

  send(chunks: readonly Buffer[], onAnswer: (frame: Buffer) => void): void {
    for (const chunk of chunks) this.#socket.write(chunk);
    this.#waiting.push(onAnswer);
  }

  request(chunks: readonly Buffer[]): Promise<Buffer> {
    return new Promise((resolve) => this.send(chunks, resolve));
  }

  /** Sends the same request over and over, `inFlight` at a time, for so long. Returns the answers and the ms they took. */
  repeat(
    chunks: readonly Buffer[],
    inFlight: number,
    forMs: number,
    onAnswer: (frame: Buffer) => void,
  ): Promise<{ readonly answers: number; readonly ms: number }> {
    const began = performance.now();
    let answers = 0;
    let open = 0;
    return new Promise((resolve) => {
      const sendOne = (): void => {
        open++;
        this.send(chunks, (frame) => {
          onAnswer(frame);
          answers++;
          open--;
          if (performance.now() - began < forMs) sendOne();
          else if (open === 0) resolve({ answers, ms: performance.now() - began });
        });
      };
      for (let count = 0; count < inFlight; count++) sendOne();
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(answer: Buffer): void {
    const waiting = this.#waiting[this.#first++];
    if (this.#first > 256 && this.#first * 2 > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#first);
      this.#first = 0;
    }
    waiting?.(answer);
  }
}
