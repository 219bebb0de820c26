import { http } from 'msw';
import { expect, it, vi } from 'vitest';
import { answer, server } from '@/test/server';

it('does not take a preloaded answer for a fresh one: the office’s clock stays right', async () => {
  const link = document.createElement('link');
  link.rel = 'preload';
  link.setAttribute('as', 'fetch');
  link.href = '/ticketing/catalog/api/events';
  document.head.append(link);
  // Answered when the page began; taken up ten seconds later, by a script that came late.
  const now = 10_000;
  vi.spyOn(performance, 'now').mockReturnValue(now);
  const began = new Date(Date.now() - now).toUTCString();
  server.use(http.get('/ticketing/catalog/api/events', () => answer([], 200, { Date: began })));
  const { api } = await import('./api');
  const { serverNow } = await import('./clock');
  await api.GET('/ticketing/catalog/api/events');
  // It can have been written at any time since then. Taken for fresh, it would put the clock ten seconds back.
  expect(Math.abs(Date.now() - serverNow())).toBeLessThan(now / 2 + 2000);
  link.remove();
});
