import { useTranslation } from 'react-i18next';
import { Countdown, cx, IconButton, icons, Price, Spinner } from '@/components';
import type { SeatInfo } from '@/lib/seat';
import type { Line } from '../model/cart';
import type { Cart } from '../useCart';

const URGENT_MS = 30_000;

/** One seat of the cart: its name, its tier and price, its time, and a way to give it back. */
export function HoldRow({
  line,
  seat,
  name,
  cart,
}: {
  line: Line;
  seat: SeatInfo | undefined;
  name: string;
  cart: Cart;
}) {
  const { t } = useTranslation('cart');
  return (
    <li
      className={cx(
        'flex min-h-14 items-center gap-3 border-t border-line py-1 transition-colors first:border-t-0',
        line.phase === 'releasing' && 'opacity-50',
      )}
    >
      <div className="min-w-0 flex-1">
        <p className="font-semibold break-words">{name}</p>
        <p className="flex flex-wrap gap-x-2 text-sm text-ink-soft">
          {seat && <span>{seat.tierName}</span>}
          {seat && <Price amount={seat.price} currency={cart.currency} />}
        </p>
      </div>
      {line.phase === 'held' && <Countdown until={line.expiresAt} urgentMs={URGENT_MS} className="text-sm" />}
      {line.phase === 'ordered' && <span className="text-sm text-ink-soft">{t('ordered')}</span>}
      {(line.phase === 'holding' || line.phase === 'releasing') && (
        <Spinner small label={line.phase === 'holding' ? t('holding') : t('releasing')} />
      )}
      {line.phase === 'held' && (
        <IconButton label={t('release', { seat: name })} onClick={() => cart.release(line.seatId)}>
          <icons.Close />
        </IconButton>
      )}
    </li>
  );
}
