import { useTranslation } from 'react-i18next';
import { Badge } from '@/components';
import { useServerNow } from '@/lib/clock';
import { formatDateTime } from '@/lib/format';
import type { SeatTicket } from '../api/readOrder';
import { QrCode } from './QrCode';

/** What a ticket says of its show. */
export interface TicketEvent {
  title: string;
  dateTime: string;
  venue: string;
}

/** One seat's ticket: what, when, where, and the code that opens the door. Each prints on its own. */
export function Ticket({ ticket, event }: { ticket: SeatTicket; event: TicketEvent | undefined }) {
  const { t, i18n } = useTranslation('orders');
  const now = useServerNow(60_000);
  const over = event !== undefined && Date.parse(event.dateTime) < now;
  const place = [
    { name: t('ticket.section'), value: ticket.section },
    { name: t('ticket.row'), value: ticket.row },
    { name: t('ticket.seat'), value: ticket.seat },
  ].filter(({ value }) => value.trim() !== '');
  return (
    <article className="flex break-inside-avoid flex-col overflow-hidden rounded-lg border border-line bg-surface shadow-low sm:flex-row print:border-edge print:shadow-none">
      <div className="flex min-w-0 flex-1 flex-col gap-4 p-4 sm:p-5">
        <header className="flex flex-wrap items-start justify-between gap-x-3 gap-y-1">
          <h3 className="max-h-24 min-w-0 overflow-hidden text-lg break-words">
            {event?.title ?? t('ticket.unknownEvent')}
          </h3>
          <Badge tone={over ? 'neutral' : 'good'}>{over ? t('ticket.over') : t('ticket.valid')}</Badge>
        </header>
        {event && (
          <p className="text-sm text-ink-soft">
            <time dateTime={event.dateTime}>{formatDateTime(event.dateTime, i18n.language)}</time>
            {event.venue !== '' && ` · ${event.venue}`}
          </p>
        )}
        <dl className="mt-auto flex flex-wrap gap-x-6 gap-y-2">
          {place.map(({ name, value }) => (
            <div key={name} className="min-w-0">
              <dt className="text-xs text-ink-soft">{name}</dt>
              <dd className="text-xl font-bold break-words">{value}</dd>
            </div>
          ))}
        </dl>
      </div>
      <div className="flex items-center gap-4 border-t border-dashed border-edge p-4 sm:flex-col sm:justify-center sm:border-s sm:border-t-0">
        <QrCode text={ticket.ticketId} label={t('ticket.code')} className="size-32 shrink-0" />
        <p className="min-w-0 text-xs break-all text-ink-soft sm:max-w-32 sm:text-center">
          {ticket.ticketId}
        </p>
      </div>
    </article>
  );
}
