import { type ComponentType, lazy, type ReactNode, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { later } from '@/lib/later';
import { useSettled } from '@/lib/useSettled';
import { ConnectionBanner } from './ConnectionBanner';
import { ErrorBoundary } from './ErrorBoundary';
import { Footer } from './Footer';
import { Header } from './Header';
import { LiveRegion } from './LiveRegion';
import { RouteFocus } from './RouteFocus';

// Toasts come after the first page is there; what is said before waits for them. Where they do not come (the network
// went), the page does without: whatever matters is said on the page as well.
const Toasts = lazy<ComponentType>(() =>
  later(() => import('./Toasts')).catch(() => ({ default: () => null })),
);

/** What stands around every page. */
export function Shell({ children }: { children: ReactNode }) {
  const { t } = useTranslation('common');
  const settled = useSettled();
  return (
    <div className="flex min-h-dvh flex-col">
      <a
        href="#main"
        className="fixed start-4 top-2 z-50 -translate-y-20 rounded-md bg-accent px-4 py-3 font-semibold text-on-accent focus:translate-y-0"
      >
        {t('skip')}
      </a>
      <Header />
      <ConnectionBanner />
      <main id="main" tabIndex={-1} className="flex flex-1 flex-col">
        <ErrorBoundary>{children}</ErrorBoundary>
      </main>
      <Footer />
      <RouteFocus />
      <LiveRegion />
      {settled && (
        <Suspense fallback={null}>
          <Toasts />
        </Suspense>
      )}
    </div>
  );
}
