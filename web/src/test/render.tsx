import { QueryClientProvider } from '@tanstack/react-query';
import { render } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import type { ReactNode } from 'react';
import { I18nextProvider } from 'react-i18next';
import { MemoryRouter, useLocation } from 'react-router';
import { startI18n } from '@/app/i18n';
import '@/app/texts/boxoffice';
import '@/app/texts/cart';
import '@/app/texts/orders';
import '@/app/texts/seats';
import { LiveRegion } from '@/app/LiveRegion';
import type { Language } from '@/lib/language';
import { createQueryClient } from '@/lib/query';

export interface RenderOptions {
  /** The address to begin at. */
  at?: string;
  language?: Language;
}

function Address({ told }: { told: (address: string) => void }) {
  const { pathname, search } = useLocation();
  told(pathname + search);
  return null;
}

/** Renders with the page's own providers; `address()` is where the router is, `user` acts as a person. */
export function renderPage(children: ReactNode, { at = '/', language = 'en' }: RenderOptions = {}) {
  let address = at;
  const queries = createQueryClient();
  // The pauses between tries are not what component tests are about.
  queries.setDefaultOptions({ queries: { ...queries.getDefaultOptions().queries, retryDelay: 1 } });
  const i18n = startI18n(language);
  const user = userEvent.setup();
  const view = render(
    <I18nextProvider i18n={i18n}>
      <QueryClientProvider client={queries}>
        <MemoryRouter initialEntries={[at]}>
          {children}
          <LiveRegion />
          <Address
            told={(now) => {
              address = now;
            }}
          />
        </MemoryRouter>
      </QueryClientProvider>
    </I18nextProvider>,
  );
  return { ...view, user, queries, i18n, address: () => address };
}
