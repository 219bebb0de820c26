import { useSyncExternalStore } from 'react';
import { forget, keep, kept } from './keep';

export type Theme = 'light' | 'dark';
export type ThemeChoice = Theme | 'system';

const KEY = 'onsale.theme';
const listeners = new Set<() => void>();
const dark = typeof matchMedia === 'undefined' ? undefined : matchMedia('(prefers-color-scheme: dark)');

let choice: ThemeChoice = readChoice();

function readChoice(): ThemeChoice {
  const chosen = kept(KEY);
  return chosen === 'light' || chosen === 'dark' ? chosen : 'system';
}

export function themeChoice(): ThemeChoice {
  return choice;
}

/** The theme in force. `html[data-theme]` says the same. */
export function theme(): Theme {
  if (choice !== 'system') return choice;
  return dark?.matches ? 'dark' : 'light';
}

export function chooseTheme(next: ThemeChoice): void {
  choice = next;
  if (next === 'system') forget(KEY);
  else keep(KEY, next);
  applyTheme();
}

/** Puts the theme on the page; the tokens of app/theme.css follow. */
export function applyTheme(): void {
  document.documentElement.dataset.theme = theme();
  for (const listener of listeners) listener();
}

dark?.addEventListener('change', () => applyTheme());

/** For what draws by itself (the map): told after the tokens changed. */
export function subscribeTheme(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useTheme(): { choice: ThemeChoice; theme: Theme } {
  const chosen = useSyncExternalStore(subscribeTheme, themeChoice, () => 'system' as const);
  const now = useSyncExternalStore(subscribeTheme, theme, () => 'light' as const);
  return { choice: chosen, theme: now };
}
