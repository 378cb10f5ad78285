/** Bounds how many jobs run at a time. Who finds no slot waits, and the consumer with it: that is the back-pressure. */
export class Slots {
  readonly #max: number;
  #taken = 0;
  #waiting: (() => void)[] = [];

  constructor(max: number) {
    this.#max = max;
  }

  tryTake(): boolean {
    if (this.#taken >= this.#max) return false;
    this.#taken += 1;
    return true;
  }

  free(): void {
    this.#taken -= 1;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  /** Resolves after a slot was freed, or after `timeoutMs`, so that the waiter can say a heartbeat in between. */
  async change(timeoutMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  get taken(): number {
    return this.#taken;
  }
}
