import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { formatPrice } from '@/lib/format';
import type { SeatInfo, SeatStatus } from '@/lib/seat';
import type { Mine } from '../canvas/painter';
import type { SeatView } from '../model/viewOf';

export interface SeatText {
  // "Section A, row C, seat 12"
  place(seat: SeatInfo): string;
  // "C12", for what is said in passing.
  short(seat: SeatInfo): string;
  price(seat: SeatInfo): string;
  status(status: SeatStatus, mine: Mine | undefined): string;
  view(view: SeatView): string;
  // All of it, for those who hear it.
  label(seat: SeatInfo, status: SeatStatus, mine: Mine | undefined): string;
}

export function useSeatText(): SeatText {
  const { t, i18n } = useTranslation('seats');
  return useMemo(() => {
    const place = (seat: SeatInfo) =>
      t('seat.place', { section: seat.section, row: seat.row, seat: seat.name });
    const price = (seat: SeatInfo) =>
      seat.tierId < 0 ? t('seat.unpriced') : formatPrice(seat.price, seat.currency, i18n.language);
    const status = (now: SeatStatus, mine: Mine | undefined) => {
      if (mine) return t(`mine.${mine}`);
      return t(`status.${now}`);
    };
    return {
      place,
      price,
      status,
      short: (seat) => t('seat.short', { row: seat.row, seat: seat.name }),
      view: (view) =>
        view.side === 'behind'
          ? t('view.behind')
          : t('view.text', { distance: t(`view.${view.distance}`), side: t(`view.${view.side}`) }),
      label: (seat, now, mine) =>
        [
          place(seat),
          seat.wheelchair ? t('seat.wheelchair') : '',
          seat.tierName,
          price(seat),
          status(now, mine),
        ]
          .filter((part) => part !== '')
          .join(', '),
    };
  }, [t, i18n.language]);
}
