import { isRecord } from '@/lib/problem';
import { currency, integer, listOf, optional, record, text, time } from '@/lib/shape';

export interface SeatTicket {
  ticketId: string;
  seatId: number;
  section: string;
  row: string;
  seat: string;
}

export interface Order {
  orderId: string;
  /** CREATED · AUTHORISED · CANCELLING · CONFIRMED · CANCELLED; another office may know more. */
  status: string;
  eventId: number;
  seatIds: number[];
  amount: number;
  currency: string;
  createdAt: string;
  payBy: string;
  reason?: { code: string; message: string };
  tickets?: SeatTicket[];
}

const TICKET = record({ ticketId: text, seatId: integer, section: text, row: text, seat: text });

export const ORDER = record({
  orderId: text,
  status: text,
  eventId: integer,
  seatIds: listOf(integer),
  amount: integer,
  currency,
  createdAt: time,
  payBy: time,
  reason: optional(record({ code: text, message: text })),
  tickets: optional(listOf(TICKET)),
});

/** The order in what was sent; nothing when it is none. */
export function readOrder(value: unknown): Order | undefined {
  return isRecord(value) && ORDER(value, 'order') === undefined ? (value as unknown as Order) : undefined;
}
