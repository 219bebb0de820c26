import { useCallback, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { Button, EmptyState, ErrorState, icons, Skeleton, Spinner, VisuallyHidden } from '@/components';
import { announce } from '@/lib/announce';
import { useServerNow } from '@/lib/clock';
import { saleState } from '../model/event';
import { findEvents, readShow, type Show } from '../model/find';
import { useEvents } from '../useEvents';
import { EventCard } from './EventCard';
import { EventFilter } from './EventFilter';
import { OfficeClock } from './OfficeClock';

/** The list of events. Search and filter live in the address, so that a reload and a link keep them. */
export function Events() {
  const { t } = useTranslation('events');
  const [address, setAddress] = useSearchParams();
  const query = address.get('q') ?? '';
  const show = readShow(address.get('show'));
  const events = useEvents();
  const now = useServerNow(1000);

  const change = useCallback(
    (name: 'q' | 'show', value: string) => {
      setAddress(
        (before) => {
          const next = new URLSearchParams(before);
          if (value === '') next.delete(name);
          else next.set(name, value);
          return next;
        },
        { replace: true, preventScrollReset: true },
      );
    },
    [setAddress],
  );
  const onQuery = useCallback((text: string) => change('q', text.trim()), [change]);
  const onShow = useCallback((next: Show) => change('show', next === 'all' ? '' : next), [change]);
  const { refetch } = events;
  const onOpen = useCallback(() => void refetch(), [refetch]);

  const found = events.data ? findEvents(events.data.events, query, show, now) : undefined;
  useFoundAnnounced(found?.length, `${query}|${show}`);

  return (
    <div className="page flex flex-col gap-6 py-6 md:py-10">
      <div className="flex flex-wrap items-end justify-between gap-x-6 gap-y-1">
        <h1 className="text-2xl md:text-3xl">{t('heading')}</h1>
        <OfficeClock />
      </div>
      <EventFilter query={query} show={show} onQuery={onQuery} onShow={onShow} />
      {events.isError && events.data && (
        <p
          role="status"
          className="flex items-center gap-2 rounded-md bg-warn-wash px-4 py-3 text-sm text-warn"
        >
          <Spinner small />
          {t('stale')}
        </p>
      )}
      {events.data && events.data.unreadable > 0 && (
        <p role="status" className="rounded-md bg-warn-wash px-4 py-3 text-sm text-warn">
          {t('unreadable', { count: events.data.unreadable })}
        </p>
      )}
      {events.isPending && <Loading />}
      {events.isError && !events.data && <ErrorState problem={events.error.problem} onRetry={onOpen} />}
      {found && found.length > 0 && (
        <ul className="grid gap-4 md:grid-cols-2">
          {found.map((event) => (
            <li key={event.id}>
              <EventCard event={event} state={saleState(event, now)} onOpen={onOpen} />
            </li>
          ))}
        </ul>
      )}
      {found?.length === 0 && (
        <NothingFound
          atAll={events.data?.events.length === 0}
          onClear={() => setAddress({}, { replace: true, preventScrollReset: true })}
        />
      )}
    </div>
  );
}

/** Says how many there are after a search, not at each live change. */
function useFoundAnnounced(count: number | undefined, asked: string) {
  const { t } = useTranslation('events');
  const before = useRef(asked);
  useEffect(() => {
    if (count === undefined || before.current === asked) return;
    before.current = asked;
    announce(t('found', { count }));
  }, [count, asked, t]);
}

function NothingFound({ atAll, onClear }: { atAll: boolean; onClear: () => void }) {
  const { t } = useTranslation('events');
  const icon = <icons.TicketIcon className="size-14" strokeWidth="1.25" />;
  if (atAll) return <EmptyState icon={icon} title={t('none.title')} text={t('none.text')} />;
  return (
    <EmptyState icon={icon} title={t('noMatch.title')} text={t('noMatch.text')}>
      <Button kind="secondary" onClick={onClear}>
        {t('noMatch.clear')}
      </Button>
    </EmptyState>
  );
}

function Loading() {
  const { t } = useTranslation('common');
  return (
    <div role="status">
      <VisuallyHidden>{t('loading')}</VisuallyHidden>
      <div className="grid gap-4 md:grid-cols-2">
        {[1, 2, 3, 4].map((key) => (
          <div key={key} className="flex h-52 overflow-hidden rounded-lg border border-line bg-surface">
            <Skeleton className="h-full w-20 rounded-none" />
            <div className="flex flex-1 flex-col gap-3 p-4">
              <Skeleton className="h-6 w-3/4" />
              <Skeleton className="h-4 w-1/2" />
              <Skeleton className="mt-auto h-5 w-2/5" />
              <Skeleton className="h-4 w-full" />
            </div>
          </div>
        ))}
      </div>
    </div>
  );
}
