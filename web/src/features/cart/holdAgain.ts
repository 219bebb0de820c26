import { askAgain } from '@/lib/api';
import type { Result } from '@/lib/result';
import { holdSeats } from './api/holdSeats';
import { keeperOf } from './model/cartKeeper';

/** Holds the seats of an order that came to nothing, for another try: all of them, or a refusal that says why. */
export async function holdAgain(eventId: number, seatIds: readonly number[]): Promise<Result<unknown>> {
  const result = await askAgain(() => holdSeats(eventId, seatIds));
  void keeperOf(eventId).refresh();
  return result;
}
