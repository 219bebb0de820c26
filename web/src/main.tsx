import { StrictMode, startTransition } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import { askForPageAt } from './app/ahead';
import { startI18n } from './app/i18n';
import './app/theme.css';
import { prefetchEvents } from './features/events';
import { createQueryClient } from './lib/query';
import { applyTheme } from './lib/theme';

askForPageAt(location.pathname);
applyTheme();
const queries = createQueryClient();
prefetchEvents(queries);
const root = document.getElementById('root');
if (root) {
  const i18n = startI18n();
  // In slices: on a slow phone the first picture is work for a quarter of a second.
  startTransition(() =>
    createRoot(root).render(
      <StrictMode>
        <App i18n={i18n} queries={queries} />
      </StrictMode>,
    ),
  );
}
