import { cx } from './cx';

/** Decoration: what is awaited is said in words beside it (or with `label`). */
export function Spinner({ small = false, label }: { small?: boolean; label?: string }) {
  return (
    <span className="inline-flex items-center gap-3" role={label ? 'status' : undefined}>
      <svg
        viewBox="0 0 24 24"
        className={cx('animate-spin motion-reduce:animate-breathe', small ? 'size-4' : 'size-6')}
        aria-hidden="true"
      >
        <circle
          cx="12"
          cy="12"
          r="9"
          fill="none"
          stroke="currentColor"
          strokeOpacity="0.25"
          strokeWidth="3"
        />
        <path
          d="M12 3a9 9 0 0 1 9 9"
          fill="none"
          stroke="currentColor"
          strokeWidth="3"
          strokeLinecap="round"
        />
      </svg>
      {label && <span>{label}</span>}
    </span>
  );
}
