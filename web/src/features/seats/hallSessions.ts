// The sessions in use, by event. The map, the cart's look-ups and the header share one; leaving the
// hall closes it a little later, so that going to the order and back does not read everything again.

import { keep, kept } from '@/lib/keep';
import { getLayout } from './api/getLayout';
import { getSeatIds } from './api/getSeatIds';
import { getSeatMap } from './api/getSeatMap';
import { streamSeats } from './api/streamSeats';
import { HallSession, type HallWorld } from './hallSession';
import { openPlanReader } from './planReader';

const LINGER_MS = 20_000;
const HASH_KEY = 'onsale.layout.';

const browser: HallWorld = {
  getLayout,
  getSeatMap,
  getSeatIds,
  streamSeats,
  openPlanReader,
  // The hash this browser saw last: with it the plan is asked for at once, without waiting for the
  // event, and comes from the cache. A stale one does no harm: the office sends the present plan.
  rememberedHash: (eventId) => kept(HASH_KEY + eventId),
  rememberHash: (eventId, hash) => keep(HASH_KEY + eventId, hash),
  random: Math.random,
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  online: () => navigator.onLine,
};

interface Entry {
  readonly session: HallSession;
  users: number;
  closing: ReturnType<typeof setTimeout> | undefined;
}
const entries = new Map<number, Entry>();

function entryOf(eventId: number): Entry {
  let entry = entries.get(eventId);
  if (!entry) {
    entry = { session: new HallSession(eventId, browser), users: 0, closing: undefined };
    entries.set(eventId, entry);
  }
  return entry;
}

export function peekSession(eventId: number): HallSession {
  return entryOf(eventId).session;
}

// Starts reading a hall whose page is about to be drawn, if its plan's hash is known (start.ts has asked for
// it then). Whoever waits for it draws the page once, with the plan; undefined: there is nothing to wait for.
export function beginHall(eventId: number): Promise<void> | undefined {
  if (kept(HASH_KEY + eventId) === undefined) return undefined;
  const entry = entryOf(eventId);
  const { session } = entry;
  const settled = new Promise<void>((resolve) => {
    const forget = session.subscribe(() => {
      if (session.getState().status === 'loading') return;
      forget();
      resolve();
    });
  });
  session.start();
  if (entry.users === 0) closeSoon(eventId, entry);
  return settled;
}

// Starts reading the hall; call the answer when it is no longer looked at.
export function openSession(eventId: number): () => void {
  const entry = entryOf(eventId);
  clearTimeout(entry.closing);
  ++entry.users;
  entry.session.start();
  return () => {
    --entry.users;
    if (entry.users > 0) return;
    closeSoon(eventId, entry);
  };
}

function closeSoon(eventId: number, entry: Entry): void {
  clearTimeout(entry.closing);
  entry.closing = setTimeout(() => {
    entry.session.stop();
    entries.delete(eventId);
  }, LINGER_MS);
}

// For tests.
export function forgetSessions(): void {
  for (const entry of entries.values()) {
    clearTimeout(entry.closing);
    entry.session.stop();
  }
  entries.clear();
}

if (typeof window !== 'undefined') {
  const each = (tell: (session: HallSession) => void) => () => {
    for (const entry of entries.values()) tell(entry.session);
  };
  window.addEventListener(
    'online',
    each((session) => session.networkChanged()),
  );
  window.addEventListener(
    'offline',
    each((session) => session.networkChanged()),
  );
  document.addEventListener(
    'visibilitychange',
    each((session) => session.visibilityChanged(document.visibilityState === 'hidden')),
  );
}
