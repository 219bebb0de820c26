// How long to wait before the stream is opened again. A thousand viewers cut in the same instant must
// not come back in the same instant: "full jitter" between nothing and a bound that doubles.

export const RETRY_MS = 2_000; // until the office names its own
export const RETRY_MS_MAX = 30_000;

export function backoffMs(
  failures: number,
  retryMs: number,
  retryAfterMs: number | undefined,
  random: () => number,
): number {
  const bound = Math.min(RETRY_MS_MAX, Math.max(250, retryMs) * 2 ** Math.min(failures, 10));
  // Retry-After is a least, spread by up to half of itself.
  if (retryAfterMs !== undefined) return retryAfterMs + random() * Math.max(1_000, retryAfterMs / 2);
  // The first try after a clean end comes soon: most cuts are a proxy's or a draining office's.
  return bound / 4 + random() * bound * 0.75;
}
