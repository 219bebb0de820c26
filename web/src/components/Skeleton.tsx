import { cx } from './cx';

/** A place that will be filled; size it by class. Hidden from screen readers: the list says that it loads. */
export function Skeleton({ className }: { className?: string }) {
  return <span aria-hidden="true" className={cx('block animate-breathe rounded-sm bg-sunken', className)} />;
}
