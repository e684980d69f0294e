import type { Exclusive } from "./session";

/** Mutual exclusion over all tabs by the browser's lock manager; within the page alone where there is none. */
export function exclusiveBy(locks: LockManager | undefined, name: string): Exclusive {
  let last: Promise<unknown> = Promise.resolve();
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (locks !== undefined) {
      return (await locks.request(name, work)) as T;
    }
    const run = last.then(work, work);
    last = run.catch(() => undefined);
    return run;
  };
}
