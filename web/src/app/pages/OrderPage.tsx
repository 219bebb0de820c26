import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate, useParams } from 'react-router';
import { holdAgain } from '@/features/cart';
import { useEvents } from '@/features/events';
import { OrderProgress } from '@/features/orders';
import { usePageTitle } from '../usePageTitle';
import { NotFoundPage } from './NotFoundPage';

const ORDER_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export default function OrderPage() {
  const { t } = useTranslation('common');
  const { orderId = '' } = useParams();
  const navigate = useNavigate();
  const { data } = useEvents();
  usePageTitle(t('title.order'));
  const eventOf = useCallback((id: number) => data?.events.find((event) => event.id === id), [data]);
  if (!ORDER_ID.test(orderId)) return <NotFoundPage />;
  return (
    <div className="page flex-1">
      <OrderProgress
        key={orderId}
        orderId={orderId}
        eventOf={eventOf}
        holdAgain={holdAgain}
        onPlaced={(next) => navigate(`/orders/${next}`, { replace: true })}
      />
    </div>
  );
}
