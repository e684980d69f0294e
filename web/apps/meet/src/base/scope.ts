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

  /**
   * Subscribes to events of one source: `const on = scope.of<CallEvents>(call); on("stateChanged", …)`. The map of events has to be
   * named, since it cannot be inferred from a generic `on`.
   */
  of<TEvents>(source: Source<TEvents>): <K extends keyof TEvents & string>(event: K, listener: TEvents[K]) => void {
    return (event, listener) => {
      source.on(event, listener);
      this.add(() => {
        source.off(event, listener);
      });
    };
  }

  end(): void {
    this.over = true;
    for (const end of this.ends.splice(0).reverse()) {
      end();
    }
  }
}

/** What a scope needs of a source of events. */
export interface Source<TEvents> {
  on<K extends keyof TEvents & string>(event: K, listener: TEvents[K]): void;
  off<K extends keyof TEvents & string>(event: K, listener: TEvents[K]): void;
}
