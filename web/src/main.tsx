import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import { askForPageAt } from './app/ahead';
import { startI18n } from './app/i18n';
import './app/theme.css';
import { prefetchEvents } from './features/events';
import { createQueryClient } from './lib/query';
import { applyTheme } from './lib/theme';

const PART_MS = 250;

const page = askForPageAt(location.pathname);
applyTheme();
const queries = createQueryClient();
prefetchEvents(queries);
const root = document.getElementById('root');
if (root) {
  const i18n = startI18n();
  const draw = () =>
    createRoot(root).render(
      <StrictMode>
        <App i18n={i18n} queries={queries} />
      </StrictMode>,
    );
  // The part of this address has travelled beside the first load, so that a moment spares drawing the page twice.
  if (page) void Promise.race([page, new Promise((resolve) => setTimeout(resolve, PART_MS))]).then(draw);
  else draw();
}
