import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import {
  Button,
  buttonClass,
  cx,
  EmptyState,
  ErrorState,
  icons,
  Price,
  Skeleton,
  Spinner,
} from '@/components';
import { announce } from '@/lib/announce';
import { useServerNow } from '@/lib/clock';
import { isPassing, type Problem } from '@/lib/problem';
import type { Result } from '@/lib/result';
import type { Order } from '../api/readOrder';
import { type OrderedSeat, seatsOfOrder } from '../model/intents';
import { knownReason, patience, stage, standing } from '../model/order';
import { placeOrder } from '../placeOrder';
import { useOrder } from '../useOrders';
import { Ticket, type TicketEvent } from './Ticket';

export interface OrderProgressProps {
  orderId: string;
  /** The event of an order; undefined while it is not known. */
  eventOf: (eventId: number) => TicketEvent | undefined;
  /** Holds the same seats for another try: all or none. */
  holdAgain: (eventId: number, seatIds: readonly number[]) => Promise<Result<unknown>>;
  /** Another try was placed. */
  onPlaced: (orderId: string) => void;
}

/** One order, from the moment it is placed to whatever end it comes to. */
export function OrderProgress(props: OrderProgressProps) {
  const { orderId, eventOf } = props;
  const { t } = useTranslation('orders');
  const { data: order, error, refetch } = useOrder(orderId);

  if (!order) {
    if (error?.problem.code === 'ORDER_NOT_FOUND' || error?.problem.code === 'TOKEN_INVALID')
      return (
        <EmptyState title={t('notFound.title')} text={t('notFound.text')}>
          <Link to="/tickets" className={buttonClass('secondary')}>
            {t('toTickets')}
          </Link>
        </EmptyState>
      );
    if (error) return <ErrorState problem={error.problem} onRetry={() => void refetch()} />;
    return (
      <div aria-busy="true" className="mx-auto flex w-full max-w-xl flex-col gap-4 py-10">
        <span className="sr-only">{t('loading')}</span>
        <Skeleton className="h-8 w-2/3" />
        <Skeleton className="h-40 w-full" />
      </div>
    );
  }
  const event = eventOf(order.eventId);
  switch (standing(order)) {
    case 'open':
      return <Open order={order} event={event} />;
    case 'confirmed':
      return <Confirmed order={order} event={event} />;
    case 'cancelled':
      return <Cancelled key={order.orderId} {...props} order={order} event={event} />;
  }
}

interface ShownOrder {
  order: Order;
  event: TicketEvent | undefined;
}

function Frame({ children }: { children: React.ReactNode }) {
  return <div className="mx-auto flex w-full max-w-xl flex-col gap-6 py-8">{children}</div>;
}

/** The heading of an order's page: takes the focus and is said when what it says changes. */
function Heading({ text, tone }: { text: string; tone?: 'good' | 'warn' }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    announce(text, 'assertive');
    // Not away from something the buyer is busy with.
    if (document.activeElement === document.body || document.activeElement === document.querySelector('main'))
      heading.current?.focus();
  }, [text]);
  return (
    <div className="flex flex-col items-center gap-3 text-center">
      {tone && (
        <span
          aria-hidden="true"
          className={cx(
            'inline-flex size-14 animate-rise items-center justify-center rounded-full',
            tone === 'good' ? 'bg-good-wash text-good' : 'bg-warn-wash text-warn',
          )}
        >
          {tone === 'good' ? <icons.Check className="size-8" /> : <icons.Warning className="size-8" />}
        </span>
      )}
      <h1 ref={heading} tabIndex={-1} className="text-2xl">
        {text}
      </h1>
    </div>
  );
}

/** What the order is about, in a line or two. */
function About({ order, event, seats }: ShownOrder & { seats: readonly OrderedSeat[] | undefined }) {
  const { t } = useTranslation('orders');
  return (
    <div className="rounded-lg border border-line bg-surface p-4 text-start">
      {event && <p className="max-h-24 overflow-hidden font-semibold break-words">{event.title}</p>}
      <p className="text-ink-soft">
        {seats
          ? seats
              .map((seat) => t('seat', { section: seat.section, row: seat.row, seat: seat.name }))
              .join(' · ')
          : t('seats', { count: order.seatIds.length })}
      </p>
      <p className="mt-1 font-semibold">
        <Price amount={order.amount} currency={order.currency} />
      </p>
    </div>
  );
}

const STEPS = ['placed', 'paying', 'selling', 'done'] as const;

function Open({ order, event }: ShownOrder) {
  const { t } = useTranslation('orders');
  const now = useServerNow(1000);
  const [seats] = useState(() => seatsOfOrder(order.orderId));
  const at = stage(order);
  const waits = patience(order, now);
  const active = at === 'selling' ? 2 : 1;
  return (
    <Frame>
      <Heading text={at === 'undoing' ? t('progress.undoing') : t('progress.title')} />
      {at !== 'undoing' && (
        <ol className="flex flex-col gap-1" aria-label={t('progress.steps')}>
          {STEPS.map((step, i) => (
            <li
              key={step}
              aria-current={i === active ? 'step' : undefined}
              className={cx(
                'flex min-h-11 items-center gap-3',
                i > active && 'text-ink-soft',
                i === active && 'font-semibold',
              )}
            >
              <span
                aria-hidden="true"
                className={cx(
                  'inline-flex size-7 shrink-0 items-center justify-center rounded-full border',
                  i < active && 'border-good bg-good-wash text-good',
                  i === active && 'border-accent text-accent',
                  i > active && 'border-edge',
                )}
              >
                {i < active ? <icons.Check className="size-4" /> : i === active ? <Spinner small /> : null}
              </span>
              {t(`progress.${step}`)}
            </li>
          ))}
        </ol>
      )}
      {at === 'undoing' && (
        <p className="flex items-center justify-center gap-3 text-ink-soft">
          <Spinner small />
          {t('progress.undoingText')}
        </p>
      )}
      {waits !== 'usual' && (
        <div role="status" className="animate-rise rounded-lg bg-warn-wash p-4">
          <p className="font-semibold">{t('unknown.title')}</p>
          <p className="mt-1 text-sm">{waits === 'slow' ? t('unknown.slow') : t('unknown.overdue')}</p>
        </div>
      )}
      <About order={order} event={event} seats={seats} />
      <p className="text-center text-sm text-ink-soft">{t('progress.stay')}</p>
    </Frame>
  );
}

function Confirmed({ order, event }: ShownOrder) {
  const { t } = useTranslation('orders');
  const tickets = order.tickets ?? [];
  return (
    <Frame>
      <Heading text={t('confirmed.title')} tone="good" />
      <p className="text-center text-ink-soft">
        {t('confirmed.text', { count: order.seatIds.length })}{' '}
        <Price amount={order.amount} currency={order.currency} />
      </p>
      <div className="flex flex-wrap justify-center gap-2 print:hidden">
        <Link to="/tickets" className={buttonClass('primary')}>
          {t('toTickets')}
        </Link>
        <Button kind="secondary" onClick={() => window.print()}>
          {t('print')}
        </Button>
      </div>
      <div className="flex flex-col gap-4">
        {tickets.map((ticket) => (
          <Ticket key={ticket.ticketId} ticket={ticket} event={event} />
        ))}
      </div>
    </Frame>
  );
}

function Cancelled({ order, event, holdAgain, onPlaced }: ShownOrder & OrderProgressProps) {
  const { t } = useTranslation('orders');
  const [seats] = useState(() => seatsOfOrder(order.orderId));
  const [trying, setTrying] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const reason = knownReason(order.reason?.code);
  const title = reason ? t(`cancelled.${reason}.title`) : t('cancelled.OTHER.title');
  const text = reason ? t(`cancelled.${reason}.text`) : (order.reason?.message ?? t('cancelled.OTHER.text'));
  const gone = problem !== undefined && !isPassing(problem);

  async function again() {
    setTrying(true);
    setProblem(undefined);
    const held = await holdAgain(order.eventId, order.seatIds);
    const placed = held.ok
      ? await placeOrder(
          order.eventId,
          seats ?? order.seatIds.map((id) => ({ id, section: '', row: '', name: '' })),
        )
      : held;
    setTrying(false);
    if (placed.ok) onPlaced((placed.value as Order).orderId);
    else setProblem(placed.problem);
  }

  return (
    <Frame>
      <Heading text={title} tone="warn" />
      <p className="text-center text-ink-soft">{text}</p>
      <p className="text-center font-semibold">{t('cancelled.notCharged')}</p>
      <About order={order} event={event} seats={seats} />
      {problem && (
        <p role="alert" className="rounded-md bg-warn-wash p-3 text-center">
          {gone
            ? problem.code === 'LIMIT_EXCEEDED'
              ? t('again.limit')
              : t('again.gone', { count: order.seatIds.length })
            : t('again.away')}
        </p>
      )}
      <div className="flex flex-wrap justify-center gap-2">
        {!gone && (
          <Button busy={trying} onClick={() => void again()}>
            {t('again.button', { count: order.seatIds.length })}
          </Button>
        )}
        <Link to={`/events/${order.eventId}`} className={buttonClass(gone ? 'primary' : 'secondary')}>
          {t('again.others')}
        </Link>
      </div>
    </Frame>
  );
}
