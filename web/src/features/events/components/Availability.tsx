import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { cx } from '@/components';
import { formatNumber } from '@/lib/format';
import { type EventSummary, isScarce } from '../model/event';

const FLASH_MS = 900;

/** How much is left: the number for reading, the bar for a glance. A change lights up for a moment. */
export function Availability({ event }: { event: EventSummary }) {
  const { t, i18n } = useTranslation('events');
  const changed = useJustChanged(event.available);
  const share = event.seatCount === 0 ? 0 : Math.min(1, event.available / event.seatCount);
  const scarce = isScarce(event);
  return (
    <div>
      <p className="flex items-baseline justify-between gap-2 text-sm">
        <span
          className={cx(
            'tabular rounded-sm font-semibold transition-colors duration-700',
            scarce && 'text-warn',
            changed && 'bg-accent-wash text-accent-strong duration-0',
          )}
        >
          {t('left', { count: event.available, value: formatNumber(event.available, i18n.language) })}
        </span>
        <span className="tabular text-xs text-ink-soft">
          {t('ofSeats', { value: formatNumber(event.seatCount, i18n.language) })}
        </span>
      </p>
      <div className="mt-1.5 h-1.5 overflow-hidden rounded-full bg-sunken" aria-hidden="true">
        <div
          className={cx(
            'h-full rounded-full transition-[width] duration-500',
            scarce ? 'bg-warn' : 'bg-good',
            share > 0 && 'min-w-1.5',
          )}
          style={{ width: `${share * 100}%` }}
        />
      </div>
    </div>
  );
}

function useJustChanged(value: number): boolean {
  const before = useRef(value);
  const [changed, setChanged] = useState(false);
  useEffect(() => {
    if (before.current === value) return;
    before.current = value;
    setChanged(true);
    const timer = setTimeout(() => setChanged(false), FLASH_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return changed;
}
