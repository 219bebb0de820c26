import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Toaster } from 'sonner';
import { useTheme } from '@/lib/theme';
import { LiveRegion } from './LiveRegion';

/** What stands around every page. */
export function Shell({ children }: { children: ReactNode }) {
  const { t } = useTranslation('common');
  const { theme } = useTheme();
  return (
    <div className="flex min-h-dvh flex-col">
      <header className="page flex min-h-16 items-center gap-4">
        <Link to="/">{t('appName')}</Link>
        <Link to="/tickets">{t('nav.tickets')}</Link>
      </header>
      <main id="main" tabIndex={-1} className="flex flex-1 flex-col">
        {children}
      </main>
      <LiveRegion />
      <Toaster theme={theme} position="bottom-center" />
    </div>
  );
}
