/** A value that components and view models can watch. `get` returns the same object until the value changes. */
export interface Readable<T> {
  get(): T;
  subscribe(listener: () => void): () => void;
}

/** The smallest store that `useSyncExternalStore` accepts: a value, and listeners that are told when another one takes its place. */
export class Store<T> implements Readable<T> {
  private readonly listeners = new Set<() => void>();

  constructor(private value: T) {}

  readonly get = (): T => this.value;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  };

  set(value: T): void {
    if (Object.is(value, this.value)) {
      return;
    }
    this.value = value;
    for (const listener of [...this.listeners]) {
      listener();
    }
  }

  /** Replaces some members of an object value. */
  patch(part: Partial<T>): void {
    this.set({ ...this.value, ...part });
  }
}
