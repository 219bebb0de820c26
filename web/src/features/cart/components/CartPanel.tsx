import { useEffect, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, Countdown, cx, ErrorState, icons, Price } from '@/components';
import { announce } from '@/lib/announce';
import type { SeatInfo } from '@/lib/seat';
import { canExtend, EXTEND_SECONDS, firstEnd } from '../model/cart';
import type { Cart } from '../useCart';
import { HoldRow } from './HoldRow';
import { Notices } from './Notices';
import { useSeatNames } from './seatName';

export interface CartPanelProps {
  cart: Cart;
  /** A seat of the plan by id; undefined while the plan is not there. */
  seat: (id: number) => SeatInfo | undefined;
  /** Equal free seats near those, side by side; `gone` are known to be taken. */
  nearest: (ids: readonly number[], count: number, gone: readonly number[]) => readonly SeatInfo[];
  /** The buyer wants to order these seats. */
  onCheckout: (seatIds: readonly number[]) => void;
  className?: string;
}

const URGENT_MS = 30_000;

/**
 * The buyer's seats, beside the plan on a desktop, under it on a phone. There the list is folded: what counts
 * (how many, how much, how long) and the way to the order are in reach of a thumb, and the plan keeps its room.
 */
export function CartPanel({ cart, seat, nearest, onCheckout, className }: CartPanelProps) {
  const { t } = useTranslation('cart');
  const names = useSeatNames(seat);
  const [unfolded, setUnfolded] = useState(false);
  const list = useId();
  const section = useRef<HTMLElement>(null);
  useHoldAnnouncements(cart, names.several);
  useKeptFocus(section, cart.holds.length);

  const ready = cart.holds.filter((line) => line.phase === 'held').map((line) => line.seatId);
  const holding = cart.holds.some((line) => line.phase === 'holding');
  const total = cart.holds.reduce((sum, line) => sum + (seat(line.seatId)?.price ?? 0), 0);
  const end = firstEnd(cart.lines);
  const extendable = cart.holds.some(canExtend);
  const count = cart.holds.length;

  if (cart.restored === 'failed' && count === 0 && cart.problem)
    return <ErrorState problem={cart.problem} onRetry={cart.refresh} />;

  return (
    <section
      ref={section}
      tabIndex={-1}
      aria-label={t('title')}
      className={cx('flex min-w-0 flex-col gap-2', className)}
    >
      <Notices cart={cart} names={names} nearest={nearest} />
      {count === 0 ? (
        <p className="py-2 text-sm text-ink-soft">
          {cart.restored === 'loading' ? t('restoring') : t('empty')}
        </p>
      ) : (
        <>
          <div className="flex min-h-11 items-center gap-3">
            <h2 className="min-w-0 flex-1 text-base">
              <span className="max-md:hidden">{t('count', { count })}</span>
              <button
                type="button"
                aria-expanded={unfolded}
                aria-controls={list}
                onClick={() => setUnfolded(!unfolded)}
                className="flex min-h-11 max-w-full items-center gap-1 text-start font-bold md:hidden"
              >
                <span className="truncate">
                  {unfolded ? t('count', { count }) : names.several(cart.holds.map((line) => line.seatId))}
                </span>
                <icons.ArrowRight
                  className={cx(
                    'size-4 shrink-0 transition-transform',
                    unfolded ? 'rotate-90' : '-rotate-90',
                  )}
                />
              </button>
            </h2>
            {end !== undefined && (
              <p className="flex items-center gap-1 text-sm text-ink-soft">
                <icons.Clock className="size-4" />
                <span className="sr-only">{t('timeLeft')}</span>
                <Countdown until={end} urgentMs={URGENT_MS} className="text-base text-ink" />
              </p>
            )}
          </div>
          <ul
            id={list}
            className={cx('relative max-h-[40dvh] overflow-y-auto', !unfolded && 'max-md:hidden')}
          >
            {cart.holds.map((line) => (
              <HoldRow
                key={line.seatId}
                line={line}
                seat={seat(line.seatId)}
                name={names.one(line.seatId)}
                cart={cart}
              />
            ))}
          </ul>
          {extendable && (
            <div className={cx(!unfolded && 'max-md:hidden')}>
              <Button kind="secondary" wide busy={cart.extending} onClick={cart.extend}>
                {t('extend', { count: EXTEND_SECONDS / 60 })}
              </Button>
            </div>
          )}
          <Button
            wide
            busy={holding}
            aria-disabled={ready.length === 0}
            onClick={() => ready.length > 0 && onCheckout(ready)}
          >
            <span>{t('order')}</span>
            {total > 0 && <Price amount={total} currency={cart.currency} />}
          </Button>
        </>
      )}
    </section>
  );
}

/** Says what became the buyer's own; a lapse or a refusal is said by its notice. */
function useHoldAnnouncements(cart: Cart, several: (ids: readonly number[]) => string) {
  const { t } = useTranslation('cart');
  const known = useRef<ReadonlySet<number> | undefined>(undefined);
  useEffect(() => {
    const held = new Set(cart.holds.filter((line) => line.phase === 'held').map((line) => line.seatId));
    const before = known.current;
    if (cart.restored === 'loading' && !before && held.size === 0) return;
    known.current = held;
    const fresh = [...held].filter((id) => !before?.has(id));
    if (fresh.length > 0)
      announce(t(before ? 'announce.held' : 'announce.restored', { seats: several(fresh) }));
  }, [cart.holds, cart.restored, several, t]);
}

/** A row that goes away takes the focus along: it stays in the cart. */
function useKeptFocus(section: React.RefObject<HTMLElement | null>, count: number) {
  const within = useRef(false);
  useEffect(() => {
    const element = section.current;
    if (!element) return;
    const note = () => {
      within.current = true;
    };
    const left = (event: FocusEvent) => {
      if (event.relatedTarget) within.current = false;
    };
    element.addEventListener('focusin', note);
    element.addEventListener('focusout', left);
    return () => {
      element.removeEventListener('focusin', note);
      element.removeEventListener('focusout', left);
    };
  }, [section]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: looked at after each change of the number of rows
  useEffect(() => {
    if (within.current && document.activeElement === document.body) section.current?.focus();
  }, [count, section]);
}
