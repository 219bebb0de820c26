import { api, ask } from '@/lib/api';
import type { Result } from '@/lib/result';
import { integer, listOf, record, text, time } from '@/lib/shape';

export interface LiveHold {
  seatId: number;
  /** PINNED: an open order has it. A word this page does not know counts as HELD. */
  status: string;
  expiresAt: string;
  extendableUntil: string;
}

const HOLDS = record({
  holds: listOf(record({ seatId: integer, status: text, expiresAt: time, extendableUntil: time })),
});

/** What this buyer holds of an event now. */
export function listHolds(eventId: number): Promise<Result<{ holds: LiveHold[] }>> {
  return ask(api.GET('/ticketing/reservation/api/reservations', { params: { query: { eventId } } }), HOLDS);
}
