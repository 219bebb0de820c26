import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { cx, icons, Price, VisuallyHidden } from '@/components';
import { formatDateParts, formatDateTime } from '@/lib/format';
import { type EventSummary, isScarce, type SaleState } from '../model/event';
import { Availability } from './Availability';
import { Opening } from './Opening';
import { SaleBadge } from './SaleBadge';

/** A title is read aloud and laid out whole; beyond this length nobody reads it. */
const TITLE_MAX = 200;
const TEXT_MAX = 400;

function cut(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 1).trimEnd()}…`;
}

/** One event as a ticket: the date on the stub, the rest on the body. The title's link covers the whole card. */
export const EventCard = memo(function EventCard({
  event,
  state,
  onOpen,
}: {
  event: EventSummary;
  state: SaleState;
  onOpen: () => void;
}) {
  const { t, i18n } = useTranslation('events');
  const over = state === 'closed' || state === 'past' || state === 'soldOut';
  const date = formatDateParts(event.dateTime, i18n.language);
  return (
    <article
      className={cx(
        'group relative flex h-full animate-rise rounded-lg border border-line bg-surface shadow-low',
        'transition-[box-shadow,translate] duration-200 hover:-translate-y-0.5 hover:shadow-high',
        'has-[a:focus-visible]:outline-3 has-[a:focus-visible]:outline-offset-2 has-[a:focus-visible]:outline-accent',
      )}
    >
      <div
        className={cx(
          'flex w-20 shrink-0 flex-col items-center justify-center gap-0.5 rounded-s-lg border-e border-dashed border-edge px-2 py-4 text-center',
          over ? 'bg-sunken text-ink-soft' : 'bg-accent-wash text-accent-strong',
        )}
        aria-hidden="true"
      >
        <span className="text-xs font-semibold">{date?.year}</span>
        <span className="text-sm font-semibold">{date?.month}</span>
        <span className="text-3xl leading-none font-extrabold tabular">{date?.day}</span>
        <span className="text-sm font-semibold">{date?.weekday}</span>
        <span className="mt-1 text-xs tabular">{date?.time}</span>
      </div>
      <Notch className="top-[-1px] rounded-b-full border-t-0" />
      <Notch className="bottom-[-1px] rounded-t-full border-b-0" />
      <div className="flex min-w-0 flex-1 flex-col gap-3 p-4">
        <div className="flex flex-col gap-1">
          <div className="-ms-0.5 mb-1 flex">
            <SaleBadge state={state} scarce={isScarce(event)} />
          </div>
          <h2 className={cx('line-clamp-3 text-lg leading-snug', over && 'text-ink-soft')}>
            <Link
              to={`/events/${event.id}`}
              className="after:absolute after:inset-0 focus-visible:outline-none"
            >
              {cut(event.title, TITLE_MAX)}
            </Link>
          </h2>
          <VisuallyHidden>{formatDateTime(event.dateTime, i18n.language)}</VisuallyHidden>
          {event.venue !== '' && (
            <p className="flex items-start gap-1 text-sm text-ink-soft">
              <icons.Pin className="mt-0.5 size-4 shrink-0" />
              <span className="line-clamp-2">{cut(event.venue, TEXT_MAX)}</span>
            </p>
          )}
          {event.description !== '' && (
            <p className="line-clamp-2 text-sm text-ink-soft">{cut(event.description, TEXT_MAX)}</p>
          )}
        </div>
        <div className="mt-auto flex flex-col gap-3">
          <PriceRange event={event} />
          {state === 'soon' && <Opening event={event} onOpen={onOpen} />}
          {(state === 'open' || state === 'unknown') && <Availability event={event} />}
          {state === 'soldOut' && <p className="text-sm text-ink-soft">{t('mayReturn')}</p>}
        </div>
      </div>
    </article>
  );
});

/** Where the stub is torn off. */
function Notch({ className }: { className: string }) {
  return (
    <span
      aria-hidden="true"
      className={cx('absolute start-[calc(5rem-9px)] h-2 w-4 border border-line bg-ground', className)}
    />
  );
}

function PriceRange({ event }: { event: EventSummary }) {
  const { t } = useTranslation('events');
  if (event.seatCount === 0) return <p className="text-sm text-ink-soft">{t('noSeats')}</p>;
  return (
    <p className="font-semibold">
      <VisuallyHidden>{t('price')} </VisuallyHidden>
      <Price amount={event.minPrice} currency={event.currency} />
      {event.maxPrice !== event.minPrice && (
        <>
          <span aria-hidden="true"> – </span>
          <VisuallyHidden>{t('to')}</VisuallyHidden>
          <Price amount={event.maxPrice} currency={event.currency} />
        </>
      )}
    </p>
  );
}
