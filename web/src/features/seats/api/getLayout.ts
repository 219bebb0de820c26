import { api, ask } from '@/lib/api';
import type { Result } from '@/lib/result';

// The plan of a hall. With the event's present hash the browser keeps it for ever.
export function getLayout(
  eventId: number,
  hash: string | undefined,
  signal: AbortSignal,
): Promise<Result<unknown>> {
  return ask<unknown>(
    api.GET('/ticketing/catalog/api/events/{eventId}/layout', {
      params: { path: { eventId }, query: hash === undefined ? {} : { hash } },
      signal,
    }),
  );
}
