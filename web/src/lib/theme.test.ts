import { expect, it, vi } from 'vitest';
import { chooseTheme, subscribeTheme, theme, themeChoice } from './theme';

it('puts the chosen theme on the page, remembers it, and goes back to the device’s', () => {
  const told = vi.fn();
  const stop = subscribeTheme(told);
  chooseTheme('dark');
  expect(document.documentElement.dataset.theme).toBe('dark');
  expect(localStorage.getItem('onsale.theme')).toBe('dark');
  chooseTheme('system');
  expect(themeChoice()).toBe('system');
  expect(theme()).toBe('light');
  expect(document.documentElement.dataset.theme).toBe('light');
  expect(localStorage.getItem('onsale.theme')).toBeNull();
  expect(told).toHaveBeenCalledTimes(2);
  stop();
});
