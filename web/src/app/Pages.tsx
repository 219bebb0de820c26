import { type ComponentType, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Route, Routes } from 'react-router';
import { Spinner } from '@/components';
import { later } from '@/lib/later';
import type { Part } from './addresses';
import { load, pageOf } from './ahead';
import { EventsPage } from './pages/EventsPage';
import { NotFoundPage } from './pages/NotFoundPage';

/** The addresses of the page. The office answers index.html for each of them. */
export function Pages() {
  return (
    <Routes>
      <Route path="/" element={<EventsPage />} />
      <Route path="/events/:eventId" element={<PageOf part="hall" />} />
      <Route path="/orders/:orderId" element={<PageOf part="order" />} />
      <Route path="/tickets" element={<PageOf part="tickets" />} />
      <Route path="/box-office" element={<PageOf part="boxoffice" />} />
      <Route path="*" element={<NotFoundPage />} />
    </Routes>
  );
}

/**
 * The first page is in the first load; the others come with their texts when they are wanted. Not by Suspense: React
 * holds back what replaces a fallback for some 300 ms, and what has come already would be drawn a turn later.
 */
function PageOf({ part }: { part: Part }) {
  const { t } = useTranslation('common');
  const [shown, setShown] = useState<{ part: Part; Page: ComponentType } | { part: Part; fault: unknown }>();
  const now = shown?.part === part ? shown : undefined;
  const Page = now && 'Page' in now ? now.Page : pageOf(part);
  const waits = !Page && !now;
  useEffect(() => {
    if (!waits) return;
    let gone = false;
    later(() => load(part)).then(
      (came) => (gone ? undefined : setShown({ part, Page: came })),
      (fault: unknown) => (gone ? undefined : setShown({ part, fault })),
    );
    return () => {
      gone = true;
    };
  }, [part, waits]);
  if (now && 'fault' in now) throw now.fault;
  if (Page) return <Page />;
  return (
    <div className="flex justify-center py-24 text-ink-soft">
      <Spinner label={t('loading')} />
    </div>
  );
}
