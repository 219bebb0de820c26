import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { icons, Spinner } from '@/components';
import { announce } from '@/lib/announce';
import { useConnection } from '@/lib/online';

/** Says that the office cannot be reached, and on the way back brings everything up to date. */
export function ConnectionBanner() {
  const { t } = useTranslation('common');
  const now = useConnection();
  const queries = useQueryClient();
  const before = useRef(now);
  useEffect(() => {
    if (before.current === now) return;
    const was = before.current;
    before.current = now;
    if (now !== 'online') {
      announce(t(`connection.${now}`), 'assertive');
    } else if (was !== 'online') {
      announce(t('connection.back'));
      void queries.invalidateQueries();
    }
  }, [now, queries, t]);
  if (now === 'online') return null;
  return (
    <section
      aria-label={t('connection.label')}
      className="sticky top-16 z-20 animate-fade bg-warn-wash text-warn print:hidden"
    >
      <p className="page flex items-center gap-3 py-3 text-sm font-semibold">
        {now === 'offline' ? <icons.CloudOff className="size-5 shrink-0" /> : <Spinner small />}
        {t(`connection.${now}`)}
      </p>
    </section>
  );
}
