import { type InputHTMLAttributes, type ReactNode, type Ref, useId } from 'react';
import { cx } from './cx';

export interface FieldProps extends InputHTMLAttributes<HTMLInputElement> {
  label: string;
  /** The label is read but not shown; a placeholder or a picture says it to the eye. */
  labelHidden?: boolean;
  hint?: string | undefined;
  fault?: string | undefined;
  /** A picture before the text. */
  icon?: ReactNode;
  ref?: Ref<HTMLInputElement>;
}

export function Field({ label, labelHidden = false, hint, fault, icon, className, id, ...rest }: FieldProps) {
  const own = useId();
  const inputId = id ?? own;
  const described = [hint && `${inputId}-hint`, fault && `${inputId}-fault`].filter(Boolean).join(' ');
  return (
    <div className={cx('flex flex-col gap-1', className)}>
      <label htmlFor={inputId} className={labelHidden ? 'sr-only' : 'text-sm font-semibold'}>
        {label}
      </label>
      <div className="relative">
        {icon && (
          <span
            aria-hidden="true"
            className="pointer-events-none absolute inset-y-0 start-3 flex items-center text-ink-soft"
          >
            {icon}
          </span>
        )}
        <input
          {...rest}
          id={inputId}
          aria-describedby={described || undefined}
          aria-invalid={fault ? true : undefined}
          className={cx(
            'min-h-11 w-full rounded-md border border-edge bg-surface px-3 py-2 text-base placeholder:text-ink-soft',
            icon != null && 'ps-10',
            fault && 'border-bad',
          )}
        />
      </div>
      {hint && (
        <p id={`${inputId}-hint`} className="text-sm text-ink-soft">
          {hint}
        </p>
      )}
      {fault && (
        <p id={`${inputId}-fault`} className="text-sm text-bad" role="alert">
          {fault}
        </p>
      )}
    </div>
  );
}
