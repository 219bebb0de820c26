import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { Route, Routes } from 'react-router';
import { Spinner } from '@/components';
import { later } from '@/lib/later';
import { parts } from './ahead';
import { EventsPage } from './pages/EventsPage';
import { NotFoundPage } from './pages/NotFoundPage';

// The first page is in the first load. The others come with their texts when they are wanted.
const HallPage = lazy(() => later(parts.hall));
const OrderPage = lazy(() => later(parts.order));
const TicketsPage = lazy(() => later(parts.tickets));
const BoxOfficePage = lazy(() => later(parts.boxoffice));

/** The addresses of the page. The office answers index.html for each of them. */
export function Pages() {
  const { t } = useTranslation('common');
  return (
    <Suspense
      fallback={
        <div className="flex justify-center py-24 text-ink-soft">
          <Spinner label={t('loading')} />
        </div>
      }
    >
      <Routes>
        <Route path="/" element={<EventsPage />} />
        <Route path="/events/:eventId" element={<HallPage />} />
        <Route path="/orders/:orderId" element={<OrderPage />} />
        <Route path="/tickets" element={<TicketsPage />} />
        <Route path="/box-office" element={<BoxOfficePage />} />
        <Route path="*" element={<NotFoundPage />} />
      </Routes>
    </Suspense>
  );
}
