import { type QueryClient, type UseQueryResult, useQuery } from '@tanstack/react-query';
import type { Refused } from '@/lib/result';
import { orThrow } from '@/lib/result';
import { type EventList, listEvents } from './api/listEvents';
import type { EventSummary } from './model/event';

/** How often the list is asked while it is looked at; a little different for each viewer. */
const REFRESH_MS = 3000;
const REFRESH_AFTER_FAULT_MS = 10_000;

const events = {
  queryKey: ['events'],
  queryFn: async ({ signal }: { signal: AbortSignal }) => orThrow(await listEvents(signal)),
};

/** Asks for the list before the first page is drawn. */
export function prefetchEvents(queries: QueryClient): void {
  void queries.prefetchQuery(events);
}

/** The list, kept live while the tab is looked at. */
export function useEvents(): UseQueryResult<EventList, Refused> {
  return useQuery({
    ...events,
    refetchInterval: (query) =>
      (query.state.status === 'error' ? REFRESH_AFTER_FAULT_MS : REFRESH_MS) * (0.85 + Math.random() * 0.3),
  });
}

/**
 * One event, out of the same list: every page needs the list's answer anyway (start.ts asks for it before
 * the script is there). `null` when the office has no such event.
 */
export function useEvent(eventId: number): UseQueryResult<EventSummary | null, Refused> {
  return useQuery({
    ...events,
    select: (list: EventList) => list.events.find((event) => event.id === eventId) ?? null,
  });
}
