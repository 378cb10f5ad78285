/**
 * When each item next needs attention, as a binary heap. A deadline that moves to later is not moved in the heap: the
 * item comes up early, its owner looks and sets it again. That makes the commonest change, a heartbeat, cost nothing.
 */
export class Deadlines<Item> {
  #heap: { at: number; item: Item }[] = [];
  /** The entry of the heap that counts for an item; other entries of it are stale. */
  #earliest = new Map<Item, number>();

  /** The item is due at `at` or, if it was set earlier before, then. `Infinity` sets nothing. */
  set(item: Item, at: number): void {
    if (at >= (this.#earliest.get(item) ?? Infinity)) return;
    this.#earliest.set(item, at);
    this.#heap.push({ at, item });
    this.#siftUp(this.#heap.length - 1);
  }

  delete(item: Item): void {
    this.#earliest.delete(item);
  }

  /** The earliest deadline, or one before it; `Infinity` when there is none. */
  next(): number {
    for (let first = this.#heap[0]; first !== undefined; first = this.#heap[0]) {
      if (this.#earliest.get(first.item) === first.at) return first.at;
      this.#pop();
    }
    return Infinity;
  }

  /** Takes out the items that are due. Whoever is not finished with one sets it again. */
  takeDue(now: number): Item[] {
    const due: Item[] = [];
    while (this.next() <= now) {
      const { item } = this.#pop();
      this.#earliest.delete(item);
      due.push(item);
    }
    return due;
  }

  #pop(): { at: number; item: Item } {
    const heap = this.#heap;
    const first = heap[0] as { at: number; item: Item };
    const last = heap.pop() as { at: number; item: Item };
    if (heap.length > 0) {
      heap[0] = last;
      this.#siftDown();
    }
    return first;
  }

  #siftUp(from: number): void {
    const heap = this.#heap;
    const moving = heap[from] as { at: number; item: Item };
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent] as { at: number; item: Item };
      if (above.at <= moving.at) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = moving;
  }

  #siftDown(): void {
    const heap = this.#heap;
    const moving = heap[0] as { at: number; item: Item };
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      const right = heap[child + 1];
      if (right !== undefined && right.at < (heap[child] as { at: number }).at) child++;
      const below = heap[child];
      if (below === undefined || below.at >= moving.at) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = moving;
  }
}
