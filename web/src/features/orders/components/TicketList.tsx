import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Badge, Button, buttonClass, EmptyState, ErrorState, icons, Price, Skeleton } from '@/components';
import { formatDateTime } from '@/lib/format';
import type { Order } from '../api/readOrder';
import { knownReason, standing } from '../model/order';
import { useOrders } from '../useOrders';
import { Ticket, type TicketEvent } from './Ticket';

/** Everything this buyer ordered: what is still under way, the tickets, and what came to nothing. */
export function TicketList({ eventOf }: { eventOf: (eventId: number) => TicketEvent | undefined }) {
  const { t } = useTranslation('orders');
  const query = useOrders();
  const { data, error } = query;

  if (!data) {
    if (error && error.problem.code !== 'TOKEN_INVALID')
      return <ErrorState problem={error.problem} onRetry={() => void query.refetch()} />;
    if (error) return <NoTickets />;
    return (
      <div aria-busy="true" className="flex flex-col gap-4">
        <span className="sr-only">{t('loading')}</span>
        <Skeleton className="h-44 w-full" />
        <Skeleton className="h-44 w-full" />
      </div>
    );
  }
  const orders = data.pages.flatMap((page) => page.orders);
  const unreadable = data.pages.reduce((sum, page) => sum + page.unreadable, 0);
  const open = orders.filter((order) => standing(order) === 'open');
  const confirmed = orders.filter((order) => standing(order) === 'confirmed');
  const cancelled = orders.filter((order) => standing(order) === 'cancelled');
  if (orders.length === 0 && unreadable === 0) return <NoTickets />;

  return (
    <div className="flex flex-col gap-10">
      {unreadable > 0 && (
        <p role="status" className="rounded-md bg-warn-wash p-3 text-sm">
          {t('unreadable', { count: unreadable })}
        </p>
      )}
      {open.length > 0 && (
        <section className="flex flex-col gap-3 print:hidden" aria-label={t('list.open')}>
          <h2 className="text-lg">{t('list.open')}</h2>
          {open.map((order) => (
            <Link
              key={order.orderId}
              to={`/orders/${order.orderId}`}
              className="flex min-h-14 items-center gap-3 rounded-lg border border-line bg-surface p-4 hover:border-accent"
            >
              <OrderLine order={order} event={eventOf(order.eventId)} />
              <Badge tone="accent">{t('list.inProgress')}</Badge>
              <icons.ArrowRight className="size-5 shrink-0" />
            </Link>
          ))}
        </section>
      )}
      {confirmed.length > 0 && (
        <section className="flex flex-col gap-4" aria-label={t('list.tickets')}>
          <div className="flex items-center justify-between gap-3 print:hidden">
            <h2 className="text-lg">{t('list.tickets')}</h2>
            <Button kind="secondary" onClick={() => window.print()}>
              {t('print')}
            </Button>
          </div>
          <div className="grid gap-4 lg:grid-cols-2 print:grid-cols-1">
            {confirmed.flatMap((order) =>
              (order.tickets ?? []).map((ticket) => (
                <Ticket key={ticket.ticketId} ticket={ticket} event={eventOf(order.eventId)} />
              )),
            )}
          </div>
        </section>
      )}
      {confirmed.length === 0 && open.length === 0 && <NoTickets />}
      {cancelled.length > 0 && (
        <details className="print:hidden">
          <summary className="flex min-h-11 cursor-pointer items-center font-semibold">
            {t('list.cancelled', { count: cancelled.length })}
          </summary>
          <ul className="mt-2 flex flex-col gap-2">
            {cancelled.map((order) => (
              <li key={order.orderId}>
                <Link
                  to={`/orders/${order.orderId}`}
                  className="flex min-h-14 items-center gap-3 rounded-lg border border-line bg-surface p-4 hover:border-accent"
                >
                  <OrderLine order={order} event={eventOf(order.eventId)} />
                  <CancelReason order={order} />
                </Link>
              </li>
            ))}
          </ul>
        </details>
      )}
      {query.hasNextPage && (
        <div className="flex justify-center print:hidden">
          <Button kind="secondary" busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {t('list.more')}
          </Button>
        </div>
      )}
    </div>
  );
}

function NoTickets() {
  const { t } = useTranslation('orders');
  return (
    <EmptyState
      title={t('empty.title')}
      text={t('empty.text')}
      icon={<icons.TicketIcon className="size-12" />}
    >
      <Link to="/" className={buttonClass('primary')}>
        {t('empty.button')}
      </Link>
    </EmptyState>
  );
}

function OrderLine({ order, event }: { order: Order; event: TicketEvent | undefined }) {
  const { t, i18n } = useTranslation('orders');
  return (
    <span className="min-w-0 flex-1">
      <span className="block truncate font-semibold">{event?.title ?? t('ticket.unknownEvent')}</span>
      <span className="block text-sm text-ink-soft">
        {t('seats', { count: order.seatIds.length })} ·{' '}
        <Price amount={order.amount} currency={order.currency} /> ·{' '}
        {formatDateTime(order.createdAt, i18n.language)}
      </span>
    </span>
  );
}

function CancelReason({ order }: { order: Order }) {
  const { t } = useTranslation('orders');
  const reason = knownReason(order.reason?.code);
  return <Badge>{reason ? t(`cancelled.${reason}.short`) : t('cancelled.OTHER.short')}</Badge>;
}
