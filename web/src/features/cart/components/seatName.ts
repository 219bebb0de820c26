import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { SeatInfo } from '@/lib/seat';

export interface SeatNames {
  /** "1층 B열 12번" */
  one(id: number): string;
  /** "1층 B열 12번, 13번": seats of one row together. */
  several(ids: readonly number[]): string;
}

/** The names of seats, by id; a seat the plan does not know (yet) goes by its number. */
export function useSeatNames(seat: (id: number) => SeatInfo | undefined): SeatNames {
  const { t, i18n } = useTranslation('cart');
  return useMemo(() => {
    const one = (id: number) => {
      const info = seat(id);
      return info
        ? t('seat', { section: info.section, row: info.row, seat: info.name })
        : t('unknownSeat', { id });
    };
    return {
      one,
      several: (ids) => {
        const rows = new Map<string, string[]>();
        const others: string[] = [];
        for (const id of ids) {
          const info = seat(id);
          if (!info) {
            others.push(one(id));
            continue;
          }
          const row = t('row', { section: info.section, row: info.row });
          rows.set(row, [...(rows.get(row) ?? []), t('number', { seat: info.name })]);
        }
        const list = new Intl.ListFormat(i18n.language, { type: 'unit', style: 'short' });
        return [...[...rows].map(([row, names]) => `${row} ${list.format(names)}`), ...others].join(' · ');
      },
    };
  }, [seat, t, i18n.language]);
}
