import { api, ask } from '@/lib/api';
import { ok, type Result } from '@/lib/result';
import { listOf, optional, record, text } from '@/lib/shape';
import { type Order, readOrder } from './readOrder';

export interface OrdersPage {
  orders: Order[];
  /** How many the office told that this page could not read. */
  unreadable: number;
  nextAfter?: string;
}

const PAGE = record({ orders: listOf(() => undefined), nextAfter: optional(text) });

/** This buyer's orders, newest first, a page at a time. */
export async function listOrders(after?: string, signal?: AbortSignal): Promise<Result<OrdersPage>> {
  const result = await ask<unknown>(
    api.GET('/ticketing/order/api/orders', {
      params: { query: { limit: 50, ...(after === undefined ? {} : { after }) } },
      ...(signal ? { signal } : {}),
    }),
    PAGE,
  );
  if (!result.ok) return result;
  const told = result.value as { orders: unknown[]; nextAfter?: string };
  const orders = told.orders.flatMap((one) => readOrder(one) ?? []);
  const page: OrdersPage = { orders, unreadable: told.orders.length - orders.length };
  if (told.nextAfter !== undefined) page.nextAfter = told.nextAfter;
  return ok(page);
}
