import { useTranslation } from 'react-i18next';
import { Countdown, icons } from '@/components';
import { serverNow } from '@/lib/clock';
import { formatDateTime } from '@/lib/format';
import type { EventSummary } from '../model/event';

const DAY_MS = 86_400_000;

/** When the sale opens: the date, and on the last day the time that is left by the office's clock. */
export function Opening({ event, onOpen }: { event: EventSummary; onOpen: () => void }) {
  const { t, i18n } = useTranslation('events');
  const left = Date.parse(event.onSaleAt) - serverNow();
  const days = Math.floor(left / DAY_MS);
  return (
    <div className="flex items-center gap-2 rounded-md bg-accent-wash px-3 py-2 text-sm text-accent-strong">
      <icons.Clock className="size-5 shrink-0" />
      <p className="flex flex-1 flex-wrap items-baseline justify-between gap-x-2">
        <span>{t('opensAt', { date: formatDateTime(event.onSaleAt, i18n.language) })}</span>
        {days >= 1 ? (
          <span className="font-bold">{t('daysLeft', { count: days })}</span>
        ) : (
          <Countdown until={event.onSaleAt} onOver={onOpen} className="text-lg font-bold" />
        )}
      </p>
    </div>
  );
}
