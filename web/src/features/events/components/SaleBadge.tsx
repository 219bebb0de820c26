import { useTranslation } from 'react-i18next';
import { Badge, type Tone } from '@/components';
import type { SaleState } from '../model/event';

const TONES: Record<SaleState, Tone> = {
  open: 'good',
  soon: 'accent',
  soldOut: 'neutral',
  closed: 'neutral',
  past: 'neutral',
  unknown: 'warn',
};

export function SaleBadge({ state, scarce = false }: { state: SaleState; scarce?: boolean }) {
  const { t } = useTranslation('events');
  if (state === 'open' && scarce) return <Badge tone="warn">{t('state.scarce')}</Badge>;
  return <Badge tone={TONES[state]}>{t(`state.${state}`)}</Badge>;
}
