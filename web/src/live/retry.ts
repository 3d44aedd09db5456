/** When to try again after a lost link: twice as long each time up to a bound, spread so that a thousand pages do not return at once. */

const FIRST_MS = 500;
const LONGEST_MS = 15_000;

/** Milliseconds to wait before attempt number `attempt` (1 is the first retry). `chance` is in [0, 1). */
export function retryDelayMs(attempt: number, chance: number): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt - 1, 10));
  return Math.round(full * (0.5 + chance / 2));
}
