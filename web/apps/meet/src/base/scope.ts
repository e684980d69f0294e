/**
 * Owns what has to be ended: subscriptions, timers, streams. Whoever subscribes hands the end to a scope; ending the scope ends all, last first.
 * Something added to a scope that has ended is ended at once.
 */
export class Scope {
  private ends: (() => void)[] = [];
  private over = false;

  get ended(): boolean {
    return this.over;
  }

  add(end: () => void): void {
    if (this.over) {
      end();
    } else {
      this.ends.push(end);
    }
  }

  /** Subscribes to one event of an emitter with `on` and `off`. */
  listen<E extends string>(emitter: Emitter<E>, event: E, listener: (argument?: unknown) => void): void {
    emitter.on(event, listener);
    this.add(() => {
      emitter.off(event, listener);
    });
  }

  end(): void {
    this.over = true;
    for (const end of this.ends.splice(0).reverse()) {
      end();
    }
  }
}

/** What `listen` needs of an emitter. */
export interface Emitter<E extends string> {
  on(event: E, listener: (argument?: unknown) => void): void;
  off(event: E, listener: (argument?: unknown) => void): void;
}
