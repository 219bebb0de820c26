import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import { startI18n } from './app/i18n';
import './app/theme.css';
import { createQueryClient } from './lib/query';
import { applyTheme } from './lib/theme';

applyTheme();
const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App i18n={startI18n()} queries={createQueryClient()} />
    </StrictMode>,
  );
}
