/** A value that can be watched: the smallest store that a view layer can be put on. */

export type Stop = () => void;

export interface Readable<T> {
  get(): T;
  /** Calls back after each change, not now. */
  watch(callback: (value: T) => void): Stop;
}

export class Cell<T> implements Readable<T> {
  #value: T;
  readonly #watchers = new Set<(value: T) => void>();

  constructor(value: T) {
    this.#value = value;
  }

  get(): T {
    return this.#value;
  }

  set(value: T): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const watcher of [...this.#watchers]) watcher(value);
  }

  watch(callback: (value: T) => void): Stop {
    this.#watchers.add(callback);
    return () => {
      this.#watchers.delete(callback);
    };
  }
}
