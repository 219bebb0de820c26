import { cx } from './cx';
import { Modal, type ModalProps } from './Modal';

/** In the middle of the screen. */
export function Dialog({ className, ...rest }: ModalProps) {
  return (
    <Modal
      {...rest}
      className={cx(
        'top-1/2 left-1/2 max-h-[min(90dvh,44rem)] w-[min(calc(100vw-2rem),28rem)] -translate-x-1/2 -translate-y-1/2',
        'animate-rise rounded-lg border border-line',
        className,
      )}
    />
  );
}
