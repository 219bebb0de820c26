import { api, ask } from '@/lib/api';
import type { Result } from '@/lib/result';
import { ORDER, type Order } from './readOrder';

export interface Posted {
  order: Order;
  /** This key had an order already; it is told again, as it was when it was placed. */
  replayed: boolean;
}

/** Sent again with the same key it is the same order: repeating it never buys twice. */
export async function postOrder(
  eventId: number,
  seatIds: readonly number[],
  key: string,
): Promise<Result<Posted>> {
  let replayed = false;
  const call = api.POST('/ticketing/order/api/orders', {
    params: { header: { 'Idempotency-Key': key } },
    body: { eventId, seatIds: [...seatIds] },
  });
  const result = await ask<unknown>(
    call.then((answer) => {
      replayed = answer.response.headers.get('Idempotent-Replayed') === 'true';
      return answer;
    }),
    ORDER,
  );
  return result.ok ? { ok: true, value: { order: result.value as Order, replayed } } : result;
}
