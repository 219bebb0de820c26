import { useSyncExternalStore } from 'react';

/**
 * Whether the office can be reached. `offline`: the device says it has no network. `unreachable`: it says it
 * has, but the last question got no answer. While unreachable a small question is asked again and again, with
 * growing pauses, so that the page finds its way back by itself.
 */
export type Connection = 'online' | 'offline' | 'unreachable';

const PROBE_FIRST_MS = 2000;
const PROBE_MAX_MS = 30_000;
/** Answers with a status, and cheap for the office. */
const PROBE_PATH = '/ticketing/catalog/api/actuator/liveness';

let reachable = true;
let probe: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();

export function connection(): Connection {
  if (typeof navigator !== 'undefined' && navigator.onLine === false) return 'offline';
  return reachable ? 'online' : 'unreachable';
}

function tell(): void {
  for (const listener of listeners) listener();
}

/** Told by whoever asked the office something: an answer of any kind came, or none. */
export function noteReachable(came: boolean): void {
  if (came === reachable) return;
  reachable = came;
  if (came) {
    clearTimeout(probe);
    probe = undefined;
  } else {
    probeAfter(PROBE_FIRST_MS);
  }
  tell();
}

function probeAfter(ms: number): void {
  clearTimeout(probe);
  probe = setTimeout(async () => {
    if (connection() !== 'unreachable') return;
    try {
      await fetch(PROBE_PATH, { method: 'HEAD', cache: 'no-store', credentials: 'omit' });
      noteReachable(true);
    } catch {
      probeAfter(Math.min(ms * 1.5 + Math.random() * 500, PROBE_MAX_MS));
    }
  }, ms);
}

export function subscribeConnection(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

if (typeof window !== 'undefined') {
  window.addEventListener('online', () => {
    // Coming back is worth a question at once: the cable may be in and the way still closed.
    if (!reachable) probeAfter(0);
    tell();
  });
  window.addEventListener('offline', tell);
}

export function useConnection(): Connection {
  return useSyncExternalStore(subscribeConnection, connection, () => 'online');
}

export function useOnline(): boolean {
  return useConnection() === 'online';
}
