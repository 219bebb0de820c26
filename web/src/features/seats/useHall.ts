import { useCallback, useEffect, useSyncExternalStore } from 'react';
import type { Problem } from '@/lib/problem';
import type { HallState } from './hallSession';
import { openSession, peekSession } from './hallSessions';
import type { Hall } from './model/hall';
import type { Fault } from './model/plan';
import type { LiveState } from './stream/streamClient';

export interface HallInUse {
  readonly status: 'loading' | 'ready' | 'failed' | 'over';
  readonly live: LiveState;
  readonly problem: Problem | undefined;
  readonly hall: Hall | undefined;
  readonly faults: readonly Fault[];
  readonly retry: () => void;
}

// Plan and map are asked for at once; `layoutHash` and `currency` may still be on their way.
export function useHall(
  eventId: number,
  layoutHash: string | undefined,
  currency?: string | undefined,
): HallInUse {
  const state = useHallState(eventId, layoutHash, currency);
  const retry = useCallback(() => peekSession(eventId).retry(), [eventId]);
  const { status, live, problem, hall, faults } = state;
  return { status, live, problem, hall, faults, retry };
}

// With the store: for this feature's own rooms.
export function useHallState(
  eventId: number,
  layoutHash: string | undefined,
  currency?: string | undefined,
): HallState {
  const session = peekSession(eventId);
  // Described first, so that the first reading knows the hash if the page does.
  useEffect(() => session.describe(layoutHash, currency), [session, layoutHash, currency]);
  useEffect(() => openSession(eventId), [eventId]);
  return useSyncExternalStore(session.subscribe, session.getState, session.getState);
}
