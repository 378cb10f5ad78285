/** What must happen in a process, as far as it is one behind the other: things in order, and things beside each other. */
export type Way =
  | { readonly kind: 'step'; readonly label: string }
  | { readonly kind: 'inOrder'; readonly ways: readonly Way[] }
  | { readonly kind: 'beside'; readonly ways: readonly Way[] }
  /** Of one iteration among others that are alike: all of it is in the element that it begins with. */
  | { readonly kind: 'own'; readonly ways: readonly [Way] };

const step = (label: string): Way => ({ kind: 'step', label });
export const inOrder = (...ways: readonly Way[]): Way => ({ kind: 'inOrder', ways });
export const own = (way: Way): Way => ({ kind: 'own', ways: [way] });
export const beside = (...ways: readonly Way[]): Way => ({ kind: 'beside', ways });

export const entered = (id: string): Way => step(`entered ${id}`);
export const completed = (id: string): Way => step(`completed ${id}`);
export const terminated = (id: string): Way => step(`terminated ${id}`);
/** Entered and completed, with nothing of its own between. */
export const passed = (id: string, ...between: readonly Way[]): Way => inOrder(entered(id), ...between, completed(id));

/** Walks along a way, step by step. */
export class WayWalker {
  readonly #way: Way;
  /** In order: which is the next. */
  #next = 0;
  readonly #inner: WayWalker[];
  /** Whose it is, once that has begun. */
  #owner: string | undefined;

  constructor(way: Way) {
    this.#way = way;
    this.#inner = way.kind === 'step' ? [] : way.ways.map((inner) => new WayWalker(inner));
  }

  get isOver(): boolean {
    if (this.#way.kind === 'step') return this.#next === 1;
    return this.#inner.every((walker) => walker.isOver);
  }

  /** Whether the step can be the next; if so, it is taken. @param within the element, and all that it is in. */
  take(label: string, within: readonly [string, ...string[]]): boolean {
    if (this.#way.kind === 'step') {
      if (this.#next === 1 || this.#way.label !== label) return false;
      this.#next = 1;
      return true;
    }
    if (this.#way.kind === 'beside') return this.#inner.some((walker) => walker.take(label, within));
    if (this.#way.kind === 'own') {
      if (this.#owner !== undefined && !within.includes(this.#owner)) return false;
      const isTaken = this.#inner[0]?.take(label, within) === true;
      if (isTaken) this.#owner ??= within[0];
      return isTaken;
    }
    while (this.#inner[this.#next]?.isOver === true) this.#next += 1;
    return this.#inner[this.#next]?.take(label, within) ?? false;
  }

  /** What could come next. */
  expected(): string[] {
    if (this.#way.kind === 'step') return this.#next === 1 ? [] : [this.#way.label];
    const open = this.#inner.filter((walker) => !walker.isOver);
    return (this.#way.kind === 'inOrder' ? open.slice(0, 1) : open).flatMap((walker) => walker.expected());
  }
}
