// A time after which something foreign (the browser, the application) counts as silent, so that every promise of the SDK settles.
//
// Invariants: the result settles exactly once; what comes after the time is handed to `late`, which tidies it up (a camera that opens
// after nobody waits any more is closed). Not here: requests to the server, which have their own time (adapters/signalling.ts).
// Tests: test/deadlines.test.ts.

/** Calls once after so many milliseconds; the result cancels. */
export type After = (ms: number, action: () => void) => () => void;

/** The time of the surroundings, for what is made before there is a client. */
export const systemAfter: After = (ms, action) => {
  const timer = setTimeout(action, ms);
  return () => { clearTimeout(timer); };
};

/** The result of `work`, or the error that `silent` makes when there is none after `ms` milliseconds. */
export function within<T>(after: After, ms: number, work: Promise<T>, silent: () => Error, late?: (value: T) => void): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    let waiting = true;
    const cancel = after(ms, () => {
      waiting = false;
      reject(silent());
    });
    work.then(
      (value) => {
        if (!waiting) {
          late?.(value);
          return;
        }
        cancel();
        resolve(value);
      },
      (error: unknown) => {
        if (!waiting) return;
        cancel();
        reject(error instanceof Error ? error : new Error(String(error)));
      },
    );
  });
}
