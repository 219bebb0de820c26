import { useEffect, useRef } from 'react';
import { useServerNow } from '@/lib/clock';
import { formatCountdown } from '@/lib/format';
import { cx } from './cx';

export interface CountdownProps {
  /** Office time, ISO or milliseconds. */
  until: string | number;
  /** Called once when it reaches nothing. */
  onOver?: () => void;
  /** Below this many milliseconds it looks urgent. */
  urgentMs?: number;
  className?: string;
}

/** Time left by the office's clock. Not a live region: a screen reader would be read every second. */
export function Countdown({ until, onOver, urgentMs = 0, className }: CountdownProps) {
  const end = typeof until === 'number' ? until : Date.parse(until);
  const left = end - useServerNow(250);
  const over = !(left > 0);
  const told = useRef<number | undefined>(undefined);
  useEffect(() => {
    if (!over || told.current === end) return;
    told.current = end;
    onOver?.();
  }, [over, end, onOver]);
  if (!Number.isFinite(end)) return null;
  const seconds = Math.max(0, Math.ceil(left / 1000));
  return (
    <time
      role="timer"
      dateTime={`PT${seconds}S`}
      className={cx('tabular whitespace-nowrap', left < urgentMs && 'font-semibold text-bad', className)}
    >
      {formatCountdown(left)}
    </time>
  );
}
