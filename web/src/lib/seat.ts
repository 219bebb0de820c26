/** What a viewer sees of a seat; one that an order has pinned shows as HELD. */
export type SeatStatus = 'AVAILABLE' | 'HELD' | 'SOLD' | 'BLOCKED';

export interface SeatInfo {
  id: number;
  /** Its place in the seat map, for ever the same. */
  index: number;
  section: string;
  row: string;
  name: string;
  tierId: number;
  tierName: string;
  /** In the currency's units. */
  price: number;
  currency: string;
  /** In the plan's own coordinates. */
  x: number;
  y: number;
  wheelchair: boolean;
}
