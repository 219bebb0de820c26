import { useEffect, useState } from 'react';

/**
 * The office's clock, as well as it can be known here. A phone's clock may be off by a day, so it is never
 * asked what time it is. Each answer's `Date` bounds the office's time: it was written after the request
 * left and before the answer came, and names the second that had begun. The bounds of several answers
 * overlap, and the overlap narrows to a few hundred milliseconds. Between answers the page's monotonic
 * clock counts; it may stand still while a phone sleeps, which the difference to the device's clock over
 * that time makes good.
 */

/** Office time minus performance.now(), in milliseconds: at least, at most. */
let bounds: { least: number; most: number } | undefined;
/** What the monotonic clock missed while the device slept. */
let sleptMs = 0;
const listeners = new Set<() => void>();

/** How much the two clocks may part in an hour before old bounds are not trusted. */
const DRIFT_PER_MS = 0.0001;
let boundsAt = 0;

function monotonicNow(): number {
  return performance.now() + sleptMs;
}

/** Takes the `Date` of an answer that was not served from a cache. `sentAt` is performance.now() at sending. */
export function noteServerDate(response: Response, sentAt?: number): void {
  if (/immutable|max-age=[1-9]/.test(response.headers.get('Cache-Control') ?? '')) return;
  const date = Date.parse(response.headers.get('Date') ?? '');
  if (!Number.isFinite(date)) return;
  const came = monotonicNow();
  const left = sentAt === undefined ? came : Math.min(sentAt + sleptMs, came);
  noteBounds(date - came, date + 1000 - left, came);
}

function noteBounds(least: number, most: number, now: number): void {
  const slack = (now - boundsAt) * DRIFT_PER_MS;
  const narrowed = bounds
    ? { least: Math.max(bounds.least - slack, least), most: Math.min(bounds.most + slack, most) }
    : { least, most };
  // No overlap: one of the clocks was set. The newest answer is right.
  bounds = narrowed.least <= narrowed.most ? narrowed : { least, most };
  boundsAt = now;
  for (const listener of listeners) listener();
}

/** Milliseconds since 1970 by the office's clock. Before any answer came: by the device's. */
export function serverNow(): number {
  if (!bounds) return Date.now();
  return monotonicNow() + (bounds.least + bounds.most) / 2;
}

/** How far the device's clock is from the office's, in milliseconds; positive when the device is ahead. */
export function deviceAheadMs(): number {
  return bounds ? Date.now() - serverNow() : 0;
}

/** Office time, told again every `everyMs` and when the clock was corrected by as much as anybody would see. */
export function useServerNow(everyMs = 1000): number {
  const [now, setNow] = useState(serverNow);
  useEffect(() => {
    const timer = setInterval(() => setNow(serverNow()), everyMs);
    const corrected = () =>
      setNow((before) => (Math.abs(serverNow() - before) < everyMs / 2 ? before : serverNow()));
    listeners.add(corrected);
    corrected();
    return () => {
      clearInterval(timer);
      listeners.delete(corrected);
    };
  }, [everyMs]);
  return now;
}

// The device's clock runs on while a phone sleeps; performance.now() may not.
if (typeof document !== 'undefined') {
  let hidden: { wall: number; mono: number } | undefined;
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') {
      hidden = { wall: Date.now(), mono: performance.now() };
      return;
    }
    if (!hidden) return;
    const missed = Date.now() - hidden.wall - (performance.now() - hidden.mono);
    hidden = undefined;
    if (missed > 1500) sleptMs += missed;
    for (const listener of listeners) listener();
  });
}

/** For tests: forget what was learnt. */
export function forgetServerClock(): void {
  bounds = undefined;
  sleptMs = 0;
}
