import { api } from '@/lib/api';

// The event's feed, as a response whose body does not end. The answer's status matters to the caller,
// so it is handed on as it is.
export async function streamSeats(
  eventId: number,
  lastEventId: number,
  signal: AbortSignal,
): Promise<Response> {
  const { response, data } = await api.GET('/ticketing/catalog/api/events/{eventId}/seats/stream', {
    params: { path: { eventId }, query: { lastEventId: String(lastEventId) } },
    headers: { Accept: 'text/event-stream' },
    cache: 'no-store',
    parseAs: 'stream',
    signal,
  });
  void data; // the same stream as response.body
  return response;
}
