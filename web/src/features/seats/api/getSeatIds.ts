import { api, ask } from '@/lib/api';
import { ok, type Result } from '@/lib/result';
import { integer, listOf, record } from '@/lib/shape';

const check = record({ seats: listOf(record({ id: integer })) });

// Which seat stands at each index of the map. Only asked when the map has seats that the plan has not
// (they were taken off the plan), for then the plan alone cannot tell.
export async function getSeatIds(eventId: number, signal: AbortSignal): Promise<Result<number[]>> {
  const answer = await ask<unknown>(
    api.GET('/ticketing/catalog/api/events/{eventId}/seats', {
      params: { path: { eventId } },
      headers: { Accept: 'application/json' },
      signal,
    }),
    check,
  );
  if (!answer.ok) return answer;
  const { seats } = answer.value as { seats: { id: number }[] }; // as checked
  return ok(seats.map((seat) => seat.id));
}
