import { cx } from './cx';
import { Modal, type ModalProps } from './Modal';

/** From the bottom of a phone, from the side of a desktop. */
export function Sheet({ className, ...rest }: ModalProps) {
  return (
    <Modal
      {...rest}
      className={cx(
        'inset-x-0 bottom-0 max-h-[85dvh] animate-sheet rounded-t-lg border-t border-line',
        'md:inset-x-auto md:inset-y-0 md:end-0 md:max-h-none md:w-[26rem] md:animate-side md:rounded-none md:border-t-0 md:border-s',
        className,
      )}
    />
  );
}
