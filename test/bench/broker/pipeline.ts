import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

import { FrameSplitter } from '@millrace/wire';

const FRAME_BYTES_MAX = 64 * 1024 * 1024;

export interface Answered {
  readonly answers: number;
  readonly ms: number;
}

export interface Pace {
  readonly perSecond: number;
  readonly forMs: number;
  readonly onSend?: () => void;
}

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

  /** Sends the requests in turn, over and over, `inFlight` at a time, for so long. Returns the answers and the ms they took. */
  repeat(
    requests: readonly (readonly Buffer[])[],
    inFlight: number,
    forMs: number,
    onAnswer: (frame: Buffer) => void,
  ): Promise<Answered> {
    const began = performance.now();
    return this.#keepInFlight(requests, inFlight, onAnswer, () => performance.now() - began < forMs);
  }

  /** As `repeat`, so many times in all. */
  times(
    requests: readonly (readonly Buffer[])[],
    inFlight: number,
    count: number,
    onAnswer: (frame: Buffer) => void,
  ): Promise<Answered> {
    return this.#keepInFlight(requests, Math.min(inFlight, count), onAnswer, (sent) => sent < count);
  }

  /** Sends the requests in turn at a steady pace, whether or not they are answered; then waits for the answers. */
  async paced(
    requests: readonly (readonly Buffer[])[],
    pace: Pace,
    onAnswer: (frame: Buffer) => void,
  ): Promise<Answered> {
    const began = performance.now();
    let sent = 0;
    let answers = 0;
    let isOver = false;
    const answered = Promise.withResolvers<void>();
    const sending = setInterval(() => {
      const elapsedMs = Math.min(performance.now() - began, pace.forMs);
      for (; sent < (elapsedMs * pace.perSecond) / 1000; sent++) {
        pace.onSend?.();
        this.send(requests[sent % requests.length] ?? [], (frame) => {
          onAnswer(frame);
          answers++;
          if (isOver && answers === sent) answered.resolve();
        });
      }
      if (elapsedMs < pace.forMs) return;
      isOver = true;
      clearInterval(sending);
      if (answers === sent) answered.resolve();
    }, 1);
    await answered.promise;
    return { answers, ms: performance.now() - began };
  }

  #keepInFlight(
    requests: readonly (readonly Buffer[])[],
    inFlight: number,
    onAnswer: (frame: Buffer) => void,
    goesOn: (sent: number) => boolean,
  ): Promise<Answered> {
    const began = performance.now();
    let answers = 0;
    let sent = 0;
    return new Promise((resolve) => {
      const sendOne = (): void => {
        this.send(requests[sent++ % requests.length] ?? [], (frame) => {
          onAnswer(frame);
          answers++;
          if (goesOn(sent)) sendOne();
          else if (answers === sent) resolve({ answers, ms: performance.now() - began });
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
