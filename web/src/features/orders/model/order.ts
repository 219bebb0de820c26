import type { Order } from '../api/readOrder';

/** Where an order stands, in the page's words. */
export type Standing = 'open' | 'confirmed' | 'cancelled';

export function standing(order: Pick<Order, 'status'>): Standing {
  if (order.status === 'CONFIRMED') return 'confirmed';
  if (order.status === 'CANCELLED') return 'cancelled';
  // Also a status that this page has no word for: it is asked again until it ends.
  return 'open';
}

/** What the buyer waits for. */
export type Stage = 'paying' | 'selling' | 'undoing';

export function stage(order: Pick<Order, 'status'>): Stage {
  if (order.status === 'AUTHORISED') return 'selling';
  if (order.status === 'CANCELLING') return 'undoing';
  return 'paying';
}

/** A payment takes a second or two; after this long the bank has most likely not answered. */
export const SLOW_AFTER_MS = 8_000;

/** How long the buyer waits for an order that is still open, as things stand. */
export function patience(order: Order, now: number): 'usual' | 'slow' | 'overdue' {
  if (now > Date.parse(order.payBy)) return 'overdue';
  return now - Date.parse(order.createdAt) > SLOW_AFTER_MS ? 'slow' : 'usual';
}

/** Why there was no sale, as far as the page has words for it. */
export const REASONS = [
  'PAYMENT_DECLINED',
  'PAYMENT_TOO_LATE',
  'PAYMENT_UNAVAILABLE',
  'SEATS_LOST',
  'EVENT_RESET',
] as const;

export type KnownReason = (typeof REASONS)[number];

export function knownReason(code: string | undefined): KnownReason | undefined {
  return REASONS.find((one) => one === code);
}
