import { lazy, memo, Suspense, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate, useParams } from 'react-router';
import { buttonClass, Countdown, EmptyState, ErrorState, icons } from '@/components';
import { type Cart, CartPanel, useCart } from '@/features/cart';
import {
  type EventSummary,
  isScarce,
  Opening,
  SaleBadge,
  type SaleState,
  saleState,
  useEvent,
} from '@/features/events';
import { OpenOrder } from '@/features/orders';
import { type Hall, HallMap, useHall } from '@/features/seats';
import { serverNow, useServerNow } from '@/lib/clock';
import { formatDateTime, formatNumber } from '@/lib/format';
import { later } from '@/lib/later';
import type { SeatInfo, SeatStatus } from '@/lib/seat';
import { useSettled } from '@/lib/useSettled';
import { useStable } from '@/lib/useStable';
import { say } from '../say';
import { usePageTitle } from '../usePageTitle';
import { NotFoundPage } from './NotFoundPage';

// Nobody orders in the first moment: the sheet and what it is made of come when the hall stands.
const Checkout = lazy(() => later(() => import('../parts/checkout')));

export default function HallPage() {
  const eventId = Number(useParams().eventId);
  if (!Number.isSafeInteger(eventId) || eventId < 1) return <NotFoundPage />;
  return <EventHall key={eventId} eventId={eventId} />;
}

function EventHall({ eventId }: { eventId: number }) {
  const { t } = useTranslation('seats');
  const query = useEvent(eventId);
  const event = query.data ?? undefined;
  // Asked for at the same time as the event: neither waits for the other.
  const inUse = useHall(eventId, event?.layoutHash, event?.currency);
  const cart = useCart(eventId, event?.currency ?? '');
  const [ordering, setOrdering] = useState<readonly number[]>([]);
  const navigate = useNavigate();
  const now = useServerNow(1000);
  const settled = useSettled();
  usePageTitle(event?.title ?? t('page.title'));

  const state = event && saleState(event, now);
  const over = inUse.status === 'over' || state === 'closed' || state === 'past';
  const { hall } = inUse;
  const closed = over ? t('page.over') : state === 'soon' ? t('page.notYet') : undefined;
  // The plan is not rendered with each second of the clock.
  const pick = useStable((seat: SeatInfo, status: SeatStatus) => {
    if (closed === undefined) cart.pick(seat, status);
    else say(closed, 'closed');
  });
  const lost = useStable((seat: SeatInfo) => {
    if (cart.mine.has(seat.id)) cart.doubt();
    else say(t('taken.yours', { seat: t('seat.short', { row: seat.row, seat: seat.name }) }), 'lost');
  });
  if (query.data === null) {
    return (
      <EmptyState
        heading="h1"
        icon={<icons.TicketIcon className="size-14" strokeWidth="1.25" />}
        title={t('page.none.title')}
        text={t('page.none.text')}
      >
        <Link to="/" className={buttonClass('primary')}>
          {t('page.none.back')}
        </Link>
      </EmptyState>
    );
  }
  if (query.isError && !event) {
    return <ErrorState problem={query.error.problem} onRetry={() => void query.refetch()} />;
  }
  return (
    <div className="hall-page flex flex-1 flex-col">
      <HallHeader event={event} state={state} hall={hall} over={over} />
      <div className="flex min-h-0 flex-1 flex-col md:flex-row">
        <HallMap
          eventId={eventId}
          layoutHash={event?.layoutHash}
          currency={event?.currency ?? ''}
          mine={cart.mine}
          onPick={pick}
          onLost={lost}
        />
        <aside className="hall-cart z-20 shrink-0 overflow-y-auto border-line bg-surface px-4 py-3 max-md:sticky max-md:bottom-0 max-md:max-h-[60dvh] max-md:rounded-t-lg max-md:border-t max-md:shadow-high md:w-80 md:border-s lg:w-96">
          {closed !== undefined && cart.holds.length === 0 ? (
            <div className="flex flex-col gap-3 py-2">
              <p className="text-sm text-ink-soft">{closed}</p>
              {state === 'soon' && event && !over && (
                <Opening event={event} onOpen={() => void query.refetch()} />
              )}
            </div>
          ) : (
            <CartPanel
              cart={cart}
              seat={(id) => hall?.seat(id)}
              nearest={(ids, count, gone) => hall?.nearestFree(ids, count, gone) ?? []}
              onCheckout={setOrdering}
            />
          )}
          <OpenOrder eventId={eventId} ordered={cart.holds.some((line) => line.phase === 'ordered')} />
        </aside>
      </div>
      {(settled || ordering.length > 0) && (
        <Suspense fallback={null}>
          <Checkout
            open={ordering.length > 0}
            onOpenChange={(open) => !open && setOrdering([])}
            eventId={eventId}
            event={event}
            currency={event?.currency ?? ''}
            seats={ordering.flatMap((id) => hall?.seat(id) ?? [])}
            until={firstEnd(cart, ordering)}
            onPlaced={(orderId, seatIds) => {
              cart.ordered(seatIds);
              navigate(`/orders/${orderId}`);
            }}
            onStale={cart.refresh}
          />
        </Suspense>
      )}
    </div>
  );
}

// When the first of these seats lapses.
function firstEnd(cart: Cart, seatIds: readonly number[]): number | undefined {
  const ends = seatIds.flatMap((id) => cart.lines.get(id)?.expiresAt || []);
  return ends.length > 0 ? Math.min(...ends) : undefined;
}

interface HeaderProps {
  event: EventSummary | undefined;
  state: SaleState | undefined;
  hall: Hall | undefined;
  over: boolean;
}

const HallHeader = memo(function HallHeader({ event, state, hall, over }: HeaderProps) {
  const { t, i18n } = useTranslation('seats');
  return (
    <header className="flex items-center gap-2 border-b border-line px-3 py-2">
      <Link
        to="/"
        aria-label={t('page.back')}
        className="inline-flex size-11 shrink-0 items-center justify-center rounded-md text-ink hover:bg-sunken"
      >
        <icons.ArrowLeft />
      </Link>
      <div className="min-w-0 flex-1">
        <h1 className="line-clamp-2 text-base leading-snug font-bold break-words sm:line-clamp-1 sm:text-lg">
          {event?.title ?? t('page.title')}
        </h1>
        <p className="truncate text-xs text-ink-soft sm:text-sm">
          {event && `${formatDateTime(event.dateTime, i18n.language)} · ${event.venue}`}
        </p>
      </div>
      <div className="flex shrink-0 flex-col items-end gap-1 text-xs text-ink-soft sm:flex-row sm:items-center sm:gap-3 sm:text-sm">
        {state && event && (
          <span className={state === 'open' && !over ? 'max-sm:hidden' : ''}>
            <SaleBadge state={over && state === 'open' ? 'closed' : state} scarce={isScarce(event)} />
          </span>
        )}
        {state === 'soon' && event && Date.parse(event.onSaleAt) - serverNow() < DAY_MS && (
          <span className="flex items-center gap-1">
            {t('page.opensIn')} <Countdown until={event.onSaleAt} className="font-semibold text-ink" />
          </span>
        )}
        {state !== 'soon' && !over && hall && <Left hall={hall} />}
      </div>
    </header>
  );
});

const LEFT_MS = 1000;
const DAY_MS = 86_400_000;

// How many are left: from the seats on the plan, so that the two never disagree.
function Left({ hall }: { hall: Hall }) {
  const { t, i18n } = useTranslation('seats');
  const [available, setAvailable] = useState(() => hall.counts().available);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    setAvailable(hall.counts().available);
    const forget = hall.subscribe(() => {
      timer ??= setTimeout(() => {
        timer = undefined;
        setAvailable(hall.counts().available);
      }, LEFT_MS);
    });
    return () => {
      clearTimeout(timer);
      forget();
    };
  }, [hall]);
  return (
    <span className="tabular whitespace-nowrap">
      {t('page.left', { count: available, number: formatNumber(available, i18n.language) })}
    </span>
  );
}
