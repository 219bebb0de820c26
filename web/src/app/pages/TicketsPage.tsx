import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { useEvents } from '@/features/events';
import { TicketList } from '@/features/orders';
import { usePageTitle } from '../usePageTitle';

export default function TicketsPage() {
  const { t } = useTranslation('common');
  const { data } = useEvents();
  usePageTitle(t('title.tickets'));
  const eventOf = useCallback((id: number) => data?.events.find((event) => event.id === id), [data]);
  return (
    <div className="page flex flex-1 flex-col gap-6 py-8">
      <h1 className="text-2xl print:hidden">{t('title.tickets')}</h1>
      <TicketList eventOf={eventOf} />
    </div>
  );
}
