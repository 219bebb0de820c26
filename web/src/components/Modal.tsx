import * as Radix from '@radix-ui/react-dialog';
import { type ReactNode, type Ref, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { cx } from './cx';
import { IconButton } from './IconButton';
import { Close } from './icons';

export interface ModalProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  /** The title is read but not shown. */
  titleHidden?: boolean;
  description?: string | undefined;
  children: ReactNode;
  className?: string | undefined;
  /** Where focus goes first; the first control else. */
  firstFocus?: () => HTMLElement | null | undefined;
  ref?: Ref<HTMLDivElement>;
}

let locks = 0;

/**
 * What Dialog and Sheet share: Radix keeps the focus inside, gives it back at the end and hides the rest from
 * screen readers. Radix's own Overlay is not used, for it locks scrolling by a <style> element, which the
 * page's content security policy refuses; `html[data-locked]` does the same from the style sheet.
 */
export function Modal({
  open,
  onOpenChange,
  title,
  titleHidden = false,
  description,
  children,
  className,
  firstFocus,
  ref,
}: ModalProps) {
  const { t } = useTranslation('common');
  const opener = useRef<Element>(null);
  useEffect(() => {
    if (!open) return;
    locks += 1;
    document.documentElement.dataset.locked = '';
    return () => {
      locks -= 1;
      if (locks === 0) delete document.documentElement.dataset.locked;
    };
  }, [open]);
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <div aria-hidden="true" className="fixed inset-0 z-40 animate-fade bg-[var(--veil)]" />
        <Radix.Content
          ref={ref}
          className={cx(
            'fixed z-50 flex flex-col bg-surface text-ink shadow-high focus:outline-none',
            className,
          )}
          {...(description ? {} : { 'aria-describedby': undefined })}
          onOpenAutoFocus={(event) => {
            opener.current = document.activeElement;
            const target = firstFocus?.();
            if (!target) return;
            event.preventDefault();
            target.focus();
          }}
          onCloseAutoFocus={(event) => {
            // Radix gives the focus back to its own Trigger only; here whoever had it gets it, or the page.
            event.preventDefault();
            const { current } = opener;
            if (current instanceof HTMLElement && current.isConnected && current !== document.body)
              current.focus();
            else document.getElementById('main')?.focus({ preventScroll: true });
          }}
        >
          <div className={cx('flex items-start gap-2 p-4 pb-2', titleHidden && 'absolute end-0 top-0 z-10')}>
            <Radix.Title className={titleHidden ? 'sr-only' : 'flex-1 py-2 text-lg font-bold'}>
              {title}
            </Radix.Title>
            <Radix.Close asChild>
              <IconButton label={t('close')}>
                <Close />
              </IconButton>
            </Radix.Close>
          </div>
          <div className="min-h-0 flex-1 overflow-y-auto overscroll-contain px-4 pb-[max(1rem,env(safe-area-inset-bottom))]">
            {description && (
              <Radix.Description className="mb-3 text-ink-soft">{description}</Radix.Description>
            )}
            {children}
          </div>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
