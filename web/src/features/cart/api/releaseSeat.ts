import { api, ask } from '@/lib/api';
import type { Result } from '@/lib/result';

/** Gives a held seat back. Repeating it changes nothing. */
export function releaseSeat(eventId: number, seatId: number): Promise<Result<unknown>> {
  return ask(
    api.DELETE('/ticketing/reservation/api/reservations/{eventId}/{seatId}', {
      params: { path: { eventId, seatId } },
    }),
  );
}
