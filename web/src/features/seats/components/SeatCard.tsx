import { useTranslation } from 'react-i18next';
import { cx } from '@/components';
import type { SeatInfo, SeatStatus } from '@/lib/seat';
import type { Mine } from '../canvas/painter';
import { type HallPlan, UNPRICED } from '../model/plan';
import type { SeatView } from '../model/viewOf';
import { TierMark } from './TierMark';
import { useSeatText } from './useSeatText';

interface SeatCardProps {
  plan: HallPlan;
  place: number;
  seat: SeatInfo;
  status: SeatStatus;
  mine: Mine | undefined;
  view: SeatView | undefined;
  // On a phone: as wide as the plan and as low as can be.
  compact?: boolean;
}

export function SeatCard({ plan, place, seat, status, mine, view, compact = false }: SeatCardProps) {
  const { t } = useTranslation('seats');
  const text = useSeatText();
  const unpriced = ((plan.flags[place] ?? 0) & UNPRICED) !== 0;
  const look = mine
    ? mine === 'holding'
      ? 'mineHolding'
      : mine === 'held'
        ? 'mineHeld'
        : 'mineOrdered'
    : status === 'AVAILABLE' && !unpriced
      ? 'available'
      : status === 'HELD'
        ? 'held'
        : status === 'SOLD'
          ? 'sold'
          : 'blocked';
  return (
    <div
      className={cx(
        'rounded-md border border-line bg-surface text-sm text-ink shadow-high',
        compact ? 'w-full px-3 py-2' : 'w-max max-w-72 p-3',
      )}
    >
      <div className="flex items-start gap-3">
        <TierMark plan={plan} tier={plan.tierOf[place] ?? 0} look={look} />
        <div className="min-w-0 flex-1">
          <p className="font-semibold">{text.place(seat)}</p>
          <p className="text-ink-soft">
            {[seat.tierName, text.price(seat), seat.wheelchair ? t('seat.wheelchair') : '']
              .filter((part) => part !== '')
              .join(' · ')}
          </p>
          <p className="text-ink-soft">
            {[text.status(status, mine), view ? text.view(view) : '']
              .filter((part) => part !== '')
              .join(' · ')}
          </p>
        </div>
      </div>
    </div>
  );
}
