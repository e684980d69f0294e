// How long to wait before the next attempt to connect. Pure: chance is an argument.

const FIRST_MS = 250;
const LONGEST_MS = 5_000;

/** Wait before attempt `attempt` (0 is the first), spread by `chance` in 0..1 so that a thousand clients do not return at once. */
export function backoffMs(attempt: number, chance: number): number {
  const base = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 10));
  return Math.round(base * (0.5 + chance / 2));
}
