import { api, ask } from '@/lib/api';
import { ok, type Result, refused } from '@/lib/result';
import { type Counts, countSeats } from '../model/counts';

/** How many seats of each status, counted in the seat map's binary form (two bits a seat). */
export async function readCounts(eventId: number, signal?: AbortSignal): Promise<Result<Counts>> {
  const answer = await ask<unknown>(
    api.GET('/ticketing/catalog/api/events/{eventId}/seats', {
      params: { path: { eventId } },
      headers: { Accept: 'application/vnd.onsale.seatmap' },
      parseAs: 'arrayBuffer',
      ...(signal ? { signal } : {}),
    }),
  );
  if (!answer.ok) return answer;
  const counts = answer.value instanceof ArrayBuffer ? countSeats(answer.value) : undefined;
  return counts
    ? ok(counts)
    : refused({
        code: 'BAD_ANSWER',
        status: 200,
        message: 'The seat map is not in its binary form.',
        traceId: '',
      });
}
