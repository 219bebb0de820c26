import { isRecord } from '@/lib/problem';
import { currency, integer, record, text, time } from '@/lib/shape';

export type SaleStatus = 'ANNOUNCED' | 'ON_SALE' | 'CLOSED' | 'UNKNOWN';

/** The contract's Event as the page keeps it. */
export interface EventSummary {
  id: number;
  title: string;
  /** When the show begins. */
  dateTime: string;
  description: string;
  venue: string;
  currency: string;
  /** UNKNOWN: a status that this page has no word for. */
  status: SaleStatus;
  onSaleAt: string;
  seatCount: number;
  available: number;
  minPrice: number;
  maxPrice: number;
  layoutHash: string;
}

const isEvent = record({
  id: integer,
  title: text,
  dateTime: time,
  description: text,
  venue: text,
  currency,
  status: text,
  onSaleAt: time,
  seatCount: integer,
  available: integer,
  minPrice: integer,
  maxPrice: integer,
  layoutHash: text,
});

const STATUSES: readonly SaleStatus[] = ['ANNOUNCED', 'ON_SALE', 'CLOSED'];

export function readEvent(value: unknown): EventSummary | undefined {
  if (!isRecord(value) || isEvent(value, 'event') !== undefined) return undefined;
  const event = value as unknown as EventSummary;
  const status = STATUSES.find((one) => one === event.status) ?? 'UNKNOWN';
  return { ...event, status, title: event.title.trim() === '' ? `#${event.id}` : event.title };
}

/**
 * What a buyer may expect of an event now:
 * soon (not opened yet) · open · soldOut (nothing to hold now) · closed (sale over) · past (show began) ·
 * unknown (a status of a newer office: it can be looked at).
 */
export type SaleState = 'soon' | 'open' | 'soldOut' | 'closed' | 'past' | 'unknown';

/** `now` is the office's time, so that an event opens here in the second it opens there. */
export function saleState(event: EventSummary, now: number): SaleState {
  if (Date.parse(event.dateTime) <= now) return 'past';
  switch (event.status) {
    case 'CLOSED':
      return 'closed';
    case 'UNKNOWN':
      return 'unknown';
    case 'ANNOUNCED':
      if (Date.parse(event.onSaleAt) > now) return 'soon';
      break;
    case 'ON_SALE':
      break;
  }
  return event.available === 0 ? 'soldOut' : 'open';
}

/** Few enough left to say so: a tenth, or a dozen. */
export function isScarce(event: EventSummary): boolean {
  return event.available > 0 && event.available <= Math.max(12, event.seatCount / 10);
}
