import { api, ask } from '@/lib/api';
import type { Result } from '@/lib/result';
import { record, time } from '@/lib/shape';

const EXTENDED = record({ expiresAt: time });

/** Never shortens a hold, never goes past its whole life: the answer tells what it became. */
export function extendHold(
  eventId: number,
  seatId: number,
  seconds: number,
): Promise<Result<{ expiresAt: string }>> {
  return ask(
    api.POST('/ticketing/reservation/api/reservations/{eventId}/{seatId}/extend', {
      params: { path: { eventId, seatId } },
      body: { seconds },
    }),
    EXTENDED,
  );
}
