import { useTranslation } from 'react-i18next';
import { formatPrice } from '@/lib/format';
import { cx } from './cx';

export function Price({
  amount,
  currency,
  className,
}: {
  amount: number;
  currency: string;
  className?: string;
}) {
  const { i18n } = useTranslation();
  return (
    <span className={cx('tabular whitespace-nowrap', className)}>
      {formatPrice(amount, currency, i18n.language)}
    </span>
  );
}
