import { api, ask } from '@/lib/api';
import type { Result } from '@/lib/result';
import { ORDER, type Order } from './readOrder';

export async function getOrder(orderId: string, signal?: AbortSignal): Promise<Result<Order>> {
  const result = await ask<unknown>(
    api.GET('/ticketing/order/api/orders/{orderId}', {
      params: { path: { orderId } },
      ...(signal ? { signal } : {}),
    }),
    ORDER,
  );
  return result as Result<Order>;
}
