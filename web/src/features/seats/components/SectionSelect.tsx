import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import { formatNumber } from '@/lib/format';
import type { SeatStore } from '../model/seatStore';
import { useRevision } from './useRevision';

// A hundred blocks are a hundred texts to make: seldom, and apart from everything else.
const REFRESH_MS = 2500;

interface SectionSelectProps {
  store: SeatStore;
  section: number;
  onJump: (section: number) => void;
}

// The blocks by name, each with what is left of it.
export const SectionSelect = memo(function SectionSelect({ store, section, onJump }: SectionSelectProps) {
  const { t, i18n } = useTranslation('seats');
  useRevision(store, REFRESH_MS);
  return (
    <label className="flex min-w-0 flex-1 items-center gap-2 text-sm">
      <span className="sr-only">{t('jump.label')}</span>
      <select
        value={section}
        onChange={(event) => onJump(Number(event.target.value))}
        className="min-h-11 w-full max-w-72 min-w-0 rounded-md border border-edge bg-surface px-3 text-base text-ink"
      >
        {store.plan.sections.map((each, s) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a block's place in the plan is its identity
          <option key={s} value={s}>
            {t('jump.option', {
              section: each.name || t('jump.unnamed', { number: s + 1 }),
              number: formatNumber(store.availableOfSection[s] ?? 0, i18n.language),
            })}
          </option>
        ))}
      </select>
    </label>
  );
});
