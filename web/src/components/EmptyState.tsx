import type { ReactNode } from 'react';

export interface EmptyStateProps {
  title: string;
  text?: string;
  icon?: ReactNode;
  /** h1 when it is all there is on the page. */
  heading?: 'h1' | 'h2';
  /** What to do next. */
  children?: ReactNode;
}

export function EmptyState({ title, text, icon, heading: Heading = 'h2', children }: EmptyStateProps) {
  return (
    <div className="mx-auto flex max-w-md animate-rise flex-col items-center gap-3 px-4 py-16 text-center">
      {icon && (
        <span aria-hidden="true" className="text-edge">
          {icon}
        </span>
      )}
      <Heading className="text-xl">{title}</Heading>
      {text && <p className="text-ink-soft">{text}</p>}
      {children && <div className="mt-3 flex flex-wrap justify-center gap-2">{children}</div>}
    </div>
  );
}
