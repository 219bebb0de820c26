import { memo, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { cx } from '@/components';
import { formatNumber, formatPrice } from '@/lib/format';
import type { SeatStore } from '../model/seatStore';
import { TierMark } from './TierMark';
import { useRevision } from './useRevision';

const SHOWN_FIRST = 12;
const SHOWN_MAX = 200;

interface LegendProps {
  store: SeatStore;
  currency: string;
  chosen: ReadonlySet<number> | undefined;
  onChoose: (tiers: ReadonlySet<number> | undefined) => void;
}

// The tiers with their prices, cheapest last as halls print them; each is a switch of the price filter.
export const Legend = memo(function Legend({ store, currency, chosen, onChoose }: LegendProps) {
  const { t, i18n } = useTranslation('seats');
  const { plan } = store;
  const [all, setAll] = useState(false);
  useRevision(store, 1000);
  // A tier without a seat is neither sold out nor to be had: it is not there.
  const seated = useMemo(() => new Set(plan.tierOf), [plan]);
  const order = plan.tiers.map((_, position) => position).filter((position) => seated.has(position));
  order.sort((a, b) => (plan.tiers[b]?.price ?? 0) - (plan.tiers[a]?.price ?? 0));
  const shown = order.slice(0, all ? SHOWN_MAX : SHOWN_FIRST);
  const toggle = (position: number) => {
    const next = new Set(chosen ?? []);
    if (next.has(position)) next.delete(position);
    else next.add(position);
    onChoose(next.size === 0 || next.size === order.length ? undefined : next);
  };
  if (order.length === 0) return null;
  return (
    <fieldset className="legend-strip relative flex min-w-0 flex-1 items-center gap-1.5 overflow-x-auto px-3 py-1.5">
      <legend className="sr-only">{t('legend.title')}</legend>
      {shown.map((position) => {
        const tier = plan.tiers[position];
        if (!tier) return null;
        const left = store.availableOfTier[position] ?? 0;
        const on = chosen?.has(position) ?? false;
        return (
          <button
            key={tier.id}
            type="button"
            aria-pressed={on}
            onClick={() => toggle(position)}
            title={t('legend.filter', { tier: tier.name })}
            className={cx(
              'flex min-h-11 shrink-0 items-center gap-2 rounded-full border px-3 text-sm whitespace-nowrap transition-colors',
              on ? 'border-ink bg-ink text-surface' : 'border-line bg-surface text-ink hover:bg-sunken',
              left === 0 && !on && 'text-ink-soft',
            )}
          >
            <TierMark plan={plan} tier={position} />
            <span className="max-w-32 truncate max-sm:max-w-20 font-medium">{tier.name}</span>
            <span className="tabular-nums">{formatPrice(tier.price, currency, i18n.language)}</span>
            <span
              className={cx('text-xs tabular-nums max-sm:sr-only', on ? 'text-surface' : 'text-ink-soft')}
            >
              {left === 0
                ? t('legend.soldOut')
                : t('legend.left', { count: left, number: formatNumber(left, i18n.language) })}
            </span>
          </button>
        );
      })}
      {!all && order.length > SHOWN_FIRST && (
        <button
          type="button"
          onClick={() => setAll(true)}
          className="min-h-11 shrink-0 px-3 text-sm font-semibold text-accent"
        >
          {t('legend.more', { count: order.length - SHOWN_FIRST })}
        </button>
      )}
      {chosen && (
        <button
          type="button"
          onClick={() => onChoose(undefined)}
          className="min-h-11 shrink-0 px-3 text-sm font-semibold text-accent"
        >
          {t('legend.all')}
        </button>
      )}
    </fieldset>
  );
});
