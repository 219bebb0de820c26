import { useQuery } from '@tanstack/react-query';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { icons, Spinner } from '@/components';
import { orThrow } from '@/lib/result';
import { listOrders } from '../api/listOrders';
import { standing } from '../model/order';

/** While an order of this event is under way: the way back to it, wherever the buyer came from. */
export const OpenOrder = memo(function OpenOrder({
  eventId,
  ordered,
}: {
  eventId: number;
  ordered: boolean;
}) {
  const { t } = useTranslation('orders');
  const { data } = useQuery({
    queryKey: ['orders', 'open', eventId],
    queryFn: async ({ signal }) => orThrow(await listOrders(undefined, signal)),
    enabled: ordered,
    staleTime: 0,
    refetchInterval: 3000,
  });
  const order = data?.orders.find((one) => one.eventId === eventId && standing(one) === 'open');
  if (!ordered || !order) return null;
  return (
    <Link
      to={`/orders/${order.orderId}`}
      className="flex min-h-11 items-center gap-3 rounded-md bg-accent-wash px-3 py-2 text-sm font-semibold text-accent-strong"
    >
      <Spinner small />
      <span className="flex-1">{t('openOrder')}</span>
      <icons.ArrowRight className="size-5" />
    </Link>
  );
});
