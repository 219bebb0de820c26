import { api, ask } from '@/lib/api';
import type { Result } from '@/lib/result';
import { integer, listOf, record, time } from '@/lib/shape';

export interface Held {
  seatIds: number[];
  /** When the first of them lapses. */
  expiresAt: string;
}

const HELD = record({ seatIds: listOf(integer), expiresAt: time });

/** All of the seats or none. Holding what is held already succeeds, so it may be repeated. */
export function holdSeats(eventId: number, seatIds: readonly number[]): Promise<Result<Held>> {
  return ask(
    api.POST('/ticketing/reservation/api/reservations', { body: { eventId, seatIds: [...seatIds] } }),
    HELD,
  );
}
