import type { ReactNode } from 'react';

export function EmptyState({
  title,
  text,
  children,
  icon,
}: {
  title: string;
  text?: string;
  children?: ReactNode;
  icon?: ReactNode;
}) {
  return (
    <div className="mx-auto flex max-w-md animate-rise flex-col items-center gap-3 px-4 py-16 text-center">
      {icon && (
        <span aria-hidden="true" className="text-edge">
          {icon}
        </span>
      )}
      <h2 className="text-xl">{title}</h2>
      {text && <p className="text-ink-soft">{text}</p>}
      {children && <div className="mt-3 flex flex-wrap justify-center gap-2">{children}</div>}
    </div>
  );
}
