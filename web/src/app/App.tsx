import { type QueryClient, QueryClientProvider } from '@tanstack/react-query';
import type { i18n } from 'i18next';
import { I18nextProvider } from 'react-i18next';
import { BrowserRouter } from 'react-router';
import { Pages } from './Pages';
import { Shell } from './Shell';

/** The providers, outermost first. */
export function App({ i18n, queries }: { i18n: i18n; queries: QueryClient }) {
  return (
    <I18nextProvider i18n={i18n}>
      <QueryClientProvider client={queries}>
        <BrowserRouter>
          <Shell>
            <Pages />
          </Shell>
        </BrowserRouter>
      </QueryClientProvider>
    </I18nextProvider>
  );
}
