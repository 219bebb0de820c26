import type { ReactNode } from 'react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, cx, IconButton, icons, Spinner } from '@/components';
import { announce } from '@/lib/announce';
import { isPassing, type Problem } from '@/lib/problem';
import { useProblemText } from '@/lib/problem-text';
import type { SeatInfo } from '@/lib/seat';
import type { Refusal } from '../model/cart';
import type { Cart } from '../useCart';
import type { SeatNames } from './seatName';

interface NoticesProps {
  cart: Cart;
  names: SeatNames;
  nearest: (ids: readonly number[], count: number, gone: readonly number[]) => readonly SeatInfo[];
}

/** What the buyer must know now: what was refused and what is free instead, what lapsed, what is waited for. */
export function Notices({ cart, names, nearest }: NoticesProps) {
  const { refusal, lapsed, waiting } = cart;
  return (
    <>
      {refusal && <RefusalNotice cart={cart} refusal={refusal} names={names} nearest={nearest} />}
      {lapsed.length > 0 && <LapseNotice cart={cart} names={names} />}
      {waiting && <WaitingNotice problem={waiting} />}
    </>
  );
}

function Notice({
  tone,
  text,
  onClose,
  children,
}: {
  tone: 'warn' | 'plain';
  text: string;
  onClose?: () => void;
  children?: ReactNode;
}) {
  const { t } = useTranslation('common');
  return (
    <div
      className={cx(
        'flex animate-rise items-start gap-2 rounded-md py-2 ps-3 pe-1',
        tone === 'warn' ? 'bg-warn-wash text-ink' : 'bg-sunken',
      )}
    >
      <div className="flex min-w-0 flex-1 flex-col items-start gap-2 py-1">
        <p className="text-sm">{text}</p>
        {children}
      </div>
      {onClose && (
        <IconButton label={t('close')} onClick={onClose}>
          <icons.Close />
        </IconButton>
      )}
    </div>
  );
}

function useRefusalText(refusal: Refusal, names: SeatNames, chosen: number): string {
  const { t } = useTranslation('cart');
  const words = useProblemText(refusal.problem);
  const { problem, gone, wanted } = refusal;
  const group = wanted.length > 1;
  switch (problem.code) {
    case 'RESERVATION_CONFLICT':
    case 'SEAT_SOLD': {
      const seats = names.several(gone);
      const text =
        problem.code === 'SEAT_SOLD'
          ? t('refused.sold', { seats })
          : problem.seats?.some((seat) => seat.status === 'BLOCKED')
            ? t('refused.blocked', { seats })
            : t('refused.taken', { seats });
      return group ? `${text} ${t('refused.noneHeld')}` : text;
    }
    case 'LIMIT_EXCEEDED':
      return t('refused.limit', { count: chosen });
    case 'RESERVATION_EXPIRED':
      return t('refused.lapsed');
    case 'TOKEN_INVALID':
      return t('refused.token');
    default:
      return isPassing(problem) ? t('refused.away') : `${words.title}. ${words.text}`;
  }
}

function RefusalNotice({
  cart,
  refusal,
  names,
  nearest,
}: {
  cart: Cart;
  refusal: Refusal;
  names: SeatNames;
  nearest: NoticesProps['nearest'];
}) {
  const { t } = useTranslation('cart');
  const text = useRefusalText(refusal, names, cart.holds.length);
  const { code } = refusal.problem;
  const gone = code === 'RESERVATION_CONFLICT' || code === 'SEAT_SOLD';
  const offer = gone ? nearest(refusal.wanted, refusal.wanted.length, refusal.gone) : [];
  const offered = offer.map((seat) => seat.id);
  useEffect(() => announce(text, 'assertive'), [text]);
  return (
    <Notice tone="warn" text={text} onClose={cart.dismiss}>
      {offered.length > 0 && (
        <Button kind="secondary" onClick={() => cart.pickAll(offered)}>
          {t('refused.offer', { seats: names.several(offered) })}
        </Button>
      )}
      {gone && offered.length === 0 && <p className="text-sm text-ink-soft">{t('refused.noOffer')}</p>}
      {isPassing(refusal.problem) && (
        <Button kind="secondary" onClick={() => cart.pickAll(refusal.wanted)}>
          {t('refused.again')}
        </Button>
      )}
    </Notice>
  );
}

function LapseNotice({ cart, names }: { cart: Cart; names: SeatNames }) {
  const { t } = useTranslation('cart');
  const { lapsed } = cart;
  const text = t('lapsed.text', { seats: names.several(lapsed) });
  useEffect(() => announce(text, 'assertive'), [text]);
  return (
    <Notice tone="warn" text={text} onClose={cart.dismiss}>
      <Button kind="secondary" onClick={() => cart.pickAll(lapsed)}>
        {t('lapsed.again', { count: lapsed.length })}
      </Button>
    </Notice>
  );
}

function WaitingNotice({ problem }: { problem: Problem }) {
  const { t } = useTranslation('cart');
  const text =
    problem.code === 'TOO_MANY_REQUESTS' || problem.status === 503 ? t('waiting.busy') : t('waiting.away');
  useEffect(() => announce(text), [text]);
  return (
    <div className="flex items-center gap-2 rounded-md bg-sunken px-3 py-2 text-sm">
      <Spinner small />
      <p>{text}</p>
    </div>
  );
}
