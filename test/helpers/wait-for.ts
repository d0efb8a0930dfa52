/** Waiting for a condition instead of for an amount of time. */

const pauseMs = 5;

/**
 * Polls `probe` until it returns something truthy, and returns that. Fails after `timeoutMs`
 * (default 5,000) with `what` in the message; an exception of the probe is not swallowed.
 */
export async function waitFor<T>(
  probe: () => T | Promise<T>,
  { timeoutMs = 5_000, what }: { timeoutMs?: number; what: string },
): Promise<Exclude<T, false | null | undefined | 0 | ''>> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const found = await probe();
    if (found) return found as Exclude<T, false | null | undefined | 0 | ''>;
    if (performance.now() > deadline) {
      throw new Error(`Waited ${timeoutMs} ms in vain: ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
