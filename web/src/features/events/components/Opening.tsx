import { useTranslation } from 'react-i18next';
import { Countdown, icons } from '@/components';
import { serverNow } from '@/lib/clock';
import { daysUntil, formatMoment } from '@/lib/format';
import type { EventSummary } from '../model/event';

const DAY_MS = 86_400_000;

/** When the sale opens: the date, and on the last day the time that is left by the office's clock. */
export function Opening({ event, onOpen }: { event: EventSummary; onOpen: () => void }) {
  const { t, i18n } = useTranslation('events');
  const now = serverNow();
  const left = Date.parse(event.onSaleAt) - now;
  return (
    <div className="flex items-center gap-3 rounded-md bg-accent-wash px-3 py-2 text-accent-strong">
      <icons.Clock className="size-5 shrink-0" />
      <p className="flex flex-1 flex-wrap items-center justify-between gap-x-3">
        <span className="text-sm">
          {t('opensAt', { date: formatMoment(event.onSaleAt, i18n.language, now) })}
        </span>
        {left >= DAY_MS ? (
          <span className="font-bold">{t('daysLeft', { count: daysUntil(event.onSaleAt, now) })}</span>
        ) : (
          <Countdown until={event.onSaleAt} onOver={onOpen} className="text-lg font-bold" />
        )}
      </p>
    </div>
  );
}
