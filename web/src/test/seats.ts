import type { SeatInfo } from '@/lib/seat';

/** A seat of the stalls' row A; its number is its id. */
export function seatOf(id: number): SeatInfo {
  return {
    id,
    index: id,
    section: 'Stalls',
    row: 'A',
    name: String(id),
    tierId: 1,
    tierName: 'Front',
    price: 50_000,
    currency: 'KRW',
    x: id,
    y: 0,
    wheelchair: false,
  };
}
