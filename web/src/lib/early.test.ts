import { http } from 'msw';
import { afterEach, expect, it, vi } from 'vitest';
import { answer, server } from '@/test/server';
import { api } from './api';
import { forgetServerClock, serverNow } from './clock';
import { takeEarlyPlan } from './early';

afterEach(() => {
  globalThis.onsaleEarly = undefined;
  globalThis.onsaleEarlyPlan = undefined;
  forgetServerClock();
});

it('does not take an early answer for a fresh one: the office’s clock stays right', async () => {
  // Answered when the page began; taken up ten seconds later, by a script that came late.
  const now = 10_000;
  const began = new Date(Date.now() - now).toUTCString();
  const url = `${location.origin}/ticketing/catalog/api/events`;
  server.use(http.get('/ticketing/catalog/api/events', () => answer([], 200, { Date: began })));
  globalThis.onsaleEarly = new Map([[`${url} `, { response: fetch(url), at: 0 }]]);
  vi.spyOn(performance, 'now').mockReturnValue(now);
  await api.GET('/ticketing/catalog/api/events');
  expect(globalThis.onsaleEarly.size).toBe(0);
  // It can have been written at any time since then. Taken for fresh, it would put the clock ten seconds back.
  expect(Math.abs(Date.now() - serverNow())).toBeLessThan(now / 2 + 2000);
});

it('gives the plan that was read early to whoever has its layout, once', async () => {
  const path = '/ticketing/catalog/api/events/5/layout?hash=abc';
  globalThis.onsaleEarlyPlan = { path, read: Promise.resolve('the plan') };
  expect(takeEarlyPlan('/ticketing/catalog/api/events/5/layout?hash=abd')).toBeUndefined();
  expect(await takeEarlyPlan(path)).toBe('the plan');
  expect(takeEarlyPlan(path)).toBeUndefined();
});
