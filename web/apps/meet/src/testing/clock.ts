/** A clock that tests move. */
export class Clock {
  private time = 0;
  private planned: { at: number; action: () => void }[] = [];

  readonly now = (): number => this.time;

  readonly after = (ms: number, action: () => void): (() => void) => {
    const entry = { at: this.time + ms, action };
    this.planned.push(entry);
    return () => {
      this.planned = this.planned.filter((other) => other !== entry);
    };
  };

  /** How much is still to come. */
  get pending(): number {
    return this.planned.length;
  }

  /** Lets time pass; what is due runs in its order. */
  pass(ms: number): void {
    const end = this.time + ms;
    for (;;) {
      const next = this.planned.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) {
        break;
      }
      this.planned = this.planned.filter((other) => other !== next);
      this.time = next.at;
      next.action();
    }
    this.time = end;
  }
}
