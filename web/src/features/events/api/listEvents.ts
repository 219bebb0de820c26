import { api, ask } from '@/lib/api';
import { ok, type Result } from '@/lib/result';
import { listOf } from '@/lib/shape';
import { type EventSummary, readEvent } from '../model/event';

export interface EventList {
  events: EventSummary[];
  /** How many the office told that this page could not read. */
  unreadable: number;
}

/**
 * All events with what is left of each. One that breaks the contract is left out and counted: a fault in one
 * event must not close the shop for the others.
 */
export async function listEvents(signal?: AbortSignal): Promise<Result<EventList>> {
  const answer = await ask<unknown>(
    api.GET('/ticketing/catalog/api/events', signal ? { signal } : {}),
    listOf(() => undefined),
  );
  if (!answer.ok) return answer;
  const told = answer.value as unknown[];
  const events = told.flatMap((one) => readEvent(one) ?? []);
  return ok({ events, unreadable: told.length - events.length });
}
