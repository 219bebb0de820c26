/** Looks again and again until it is so; fails past the time. */
export async function until(what: () => Promise<boolean>, ms: number): Promise<void> {
  const since = performance.now();
  while (!(await what())) {
    if (performance.now() - since > ms) throw new Error(`not within ${ms} ms`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
