import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { serverNow } from '@/lib/clock';
import { isPassing } from '@/lib/problem';
import { orThrow } from '@/lib/result';
import { getOrder } from './api/getOrder';
import { listOrders } from './api/listOrders';
import type { Order } from './api/readOrder';
import { endIntent } from './model/intents';
import { standing } from './model/order';

/** An open order is asked often at first, when it is about to end, then with more patience. */
function pollMs(order: Order | undefined): number {
  if (!order) return 1000;
  const age = serverNow() - Date.parse(order.createdAt);
  if (age < 5_000) return 300;
  return age < 60_000 ? 1000 : 5000;
}

/** One order, followed until it has ended. */
export function useOrder(orderId: string) {
  const query = useQuery({
    queryKey: ['order', orderId],
    queryFn: async ({ signal }) => orThrow(await getOrder(orderId, signal)),
    staleTime: 0,
    refetchInterval: ({ state }) => {
      if (state.data && standing(state.data) !== 'open') return false;
      // What the office refuses for good is not asked again; while it is away, it is.
      if (state.error && !isPassing(state.error.problem)) return false;
      return pollMs(state.data);
    },
    refetchIntervalInBackground: true,
  });
  const ended = query.data && standing(query.data) !== 'open';
  useEffect(() => {
    if (ended) endIntent({ orderId });
  }, [ended, orderId]);
  return query;
}

/** All orders of this buyer, page by page. */
export function useOrders() {
  return useInfiniteQuery({
    queryKey: ['orders'],
    queryFn: async ({ pageParam, signal }) => orThrow(await listOrders(pageParam, signal)),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextAfter,
    staleTime: 0,
    // Somebody waits for an order that is listed as open.
    refetchInterval: ({ state }) =>
      state.data?.pages.some((page) => page.orders.some((order) => standing(order) === 'open'))
        ? 2000
        : false,
  });
}
