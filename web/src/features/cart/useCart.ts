import { useEffect, useMemo } from 'react';
import { useStore } from 'zustand';
import type { SeatInfo, SeatStatus } from '@/lib/seat';
import type { CartState, Line } from './model/cart';
import { keeperOf } from './model/cartKeeper';

export interface Cart extends CartState {
  readonly eventId: number;
  readonly currency: string;
  /** What the map marks as the buyer's own. */
  readonly mine: ReadonlyMap<number, 'holding' | 'held' | 'ordered'>;
  /** In the order in which they were chosen. */
  readonly holds: readonly Line[];
  /**
   * Holds a seat at once, or gives back one that is the buyer's. One that is shown as held by another is asked for all the same, for the map may be a moment behind; one that is sold is refused here.
   */
  pick(seat: Pick<SeatInfo, 'id'>, status?: SeatStatus): void;
  /** Holds several: all or none. */
  pickAll(seatIds: readonly number[]): void;
  release(seatId: number): void;
  /** Keeps all that can be kept longer, once. */
  extend(): void;
  /** A seat that was mine may have been lost: asks the office. */
  doubt(): void;
  /** Told when an order has taken seats. */
  ordered(seatIds: readonly number[]): void;
  refresh(): void;
  dismiss(): void;
}

const MARKS = { holding: 'holding', held: 'held', ordered: 'ordered' } as const;

export function useCart(eventId: number, currency: string): Cart {
  const keeper = keeperOf(eventId);
  const state = useStore(keeper.store);
  useEffect(() => keeper.watch(), [keeper]);
  const mine = useMemo(() => {
    const marks = new Map<number, 'holding' | 'held' | 'ordered'>();
    for (const line of state.lines.values())
      if (line.phase !== 'releasing') marks.set(line.seatId, MARKS[line.phase]);
    return marks;
  }, [state.lines]);
  return useMemo(
    () => ({
      ...state,
      eventId,
      currency,
      mine,
      holds: [...state.lines.values()],
      pick: (seat, status) => {
        if ((status === 'SOLD' || status === 'BLOCKED') && !mine.has(seat.id)) keeper.refuse(seat.id, status);
        else void keeper.toggle(seat.id);
      },
      pickAll: (seatIds) => void keeper.hold(seatIds),
      release: (seatId) => void keeper.release(seatId),
      extend: () => void keeper.extend(),
      doubt: keeper.doubt,
      ordered: keeper.ordered,
      refresh: () => void keeper.refresh(),
      dismiss: keeper.dismiss,
    }),
    [state, eventId, currency, mine, keeper],
  );
}
