import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, Countdown, Price, Sheet } from '@/components';
import { announce } from '@/lib/announce';
import { formatDateTime } from '@/lib/format';
import { isPassing, type Problem } from '@/lib/problem';
import { useProblemText } from '@/lib/problem-text';
import type { SeatInfo } from '@/lib/seat';
import { placeOrder } from '../placeOrder';
import type { TicketEvent } from './Ticket';

export interface CheckoutProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  eventId: number;
  event: TicketEvent | undefined;
  currency: string;
  seats: readonly SeatInfo[];
  /** When the first of their holds lapses, office time in milliseconds. */
  until: number | undefined;
  /** The order is placed, its seats are safe; the payment goes on by itself. */
  onPlaced: (orderId: string, seatIds: readonly number[]) => void;
  /** The holds are not what this page believed: they should be read again. */
  onStale: () => void;
}

/** What is bought, for how much, and one button. */
export function Checkout(props: CheckoutProps) {
  const { open, onOpenChange } = props;
  const { t } = useTranslation('orders');
  return (
    <Sheet open={open} onOpenChange={onOpenChange} title={t('checkout.title')}>
      {open && <Summary {...props} />}
    </Sheet>
  );
}

function Summary({ eventId, event, currency, seats, until, onPlaced, onStale }: CheckoutProps) {
  const { t, i18n } = useTranslation('orders');
  const [placing, setPlacing] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const total = seats.reduce((sum, seat) => sum + seat.price, 0);

  async function order() {
    setPlacing(true);
    setProblem(undefined);
    announce(t('checkout.placing'));
    const result = await placeOrder(eventId, seats);
    if (result.ok) {
      // Stays busy: the page moves on to the order, and a second click has nothing to do here.
      onPlaced(
        result.value.orderId,
        seats.map((seat) => seat.id),
      );
      return;
    }
    setPlacing(false);
    setProblem(result.problem);
    onStale();
  }

  return (
    <div className="flex flex-col gap-4">
      {event && (
        <div>
          <p className="font-semibold break-words">{event.title}</p>
          <p className="text-sm text-ink-soft">
            {formatDateTime(event.dateTime, i18n.language)}
            {event.venue !== '' && ` · ${event.venue}`}
          </p>
        </div>
      )}
      <ul className="border-y border-line">
        {seats.map((seat) => (
          <li key={seat.id} className="flex items-baseline gap-3 border-t border-line py-2 first:border-t-0">
            <span className="min-w-0 flex-1 break-words">
              {t('seat', { section: seat.section, row: seat.row, seat: seat.name })}
              <span className="block text-sm text-ink-soft">{seat.tierName}</span>
            </span>
            <Price amount={seat.price} currency={currency} />
          </li>
        ))}
      </ul>
      <p className="flex items-baseline justify-between gap-3">
        <span className="font-semibold">{t('checkout.total', { count: seats.length })}</span>
        <Price amount={total} currency={currency} className="text-xl font-bold" />
      </p>
      {until !== undefined && !placing && (
        <p className="flex items-baseline justify-between gap-3 text-sm text-ink-soft">
          <span>{t('checkout.timeLeft')}</span>
          <Countdown until={until} urgentMs={30_000} className="text-base text-ink" />
        </p>
      )}
      {problem && <Refused problem={problem} />}
      <Button
        wide
        busy={placing}
        aria-disabled={seats.length === 0}
        onClick={() => seats.length > 0 && void order()}
      >
        {placing ? t('checkout.placing') : problem ? t('checkout.again') : t('checkout.pay')}
        {!placing && <Price amount={total} currency={currency} />}
      </Button>
      <p className="text-center text-sm text-ink-soft">{t('checkout.once')}</p>
    </div>
  );
}

const LOST = ['RESERVATION_EXPIRED', 'RESERVATION_CONFLICT', 'SEAT_SOLD', 'HOLD_NOT_OWNED'] as const;

function Refused({ problem }: { problem: Problem }) {
  const { t } = useTranslation('orders');
  const words = useProblemText(problem);
  const lost = LOST.find((code) => code === problem.code);
  const text = lost
    ? t(`checkout.refused.${lost}`)
    : isPassing(problem)
      ? t('checkout.refused.away')
      : `${words.title}. ${words.text}`;
  return (
    <p role="alert" className="rounded-md bg-warn-wash p-3 text-sm">
      {text}
    </p>
  );
}
