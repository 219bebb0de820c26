import { useTranslation } from 'react-i18next';
import { deviceAheadMs, useServerNow } from '@/lib/clock';
import { formatClock, formatCountdown } from '@/lib/format';

const NOTICED_MS = 30_000;

/** The time that decides. When the device's own is far off, that is said, for its owner sees it elsewhere. */
export function OfficeClock() {
  const { t } = useTranslation('events');
  const now = useServerNow(500);
  const ahead = deviceAheadMs();
  return (
    <p className="text-sm text-ink-soft">
      <span>{t('clock')} </span>
      <time className="tabular font-semibold text-ink">{formatClock(now)}</time>
      {Math.abs(ahead) > NOTICED_MS && (
        <span className="block text-warn">
          {t(ahead > 0 ? 'clockAhead' : 'clockBehind', { by: formatCountdown(Math.abs(ahead)) })}
        </span>
      )}
    </p>
  );
}
