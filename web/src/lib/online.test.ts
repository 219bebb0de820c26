import { HttpResponse, http } from 'msw';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { server } from '@/test/server';
import { connection, noteReachable, subscribeConnection } from './online';

const LIVENESS = '/ticketing/catalog/api/actuator/liveness';

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => vi.useRealTimers());

it('finds its way back by itself, with growing pauses', async () => {
  let asked = 0;
  server.use(
    http.head(LIVENESS, () => {
      asked++;
      return asked < 3 ? HttpResponse.error() : new HttpResponse(null);
    }),
  );
  const told: string[] = [];
  const stop = subscribeConnection(() => told.push(connection()));
  noteReachable(false);
  for (let i = 0; i < 40 && connection() !== 'online'; i++) {
    await vi.advanceTimersByTimeAsync(500);
    await new Promise((resolve) => setImmediate(resolve));
  }
  stop();
  expect(asked).toBe(3);
  expect(told).toEqual(['unreachable', 'online']);
});

it('believes the device when it says that it is offline', () => {
  vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false);
  expect(connection()).toBe('offline');
});
