import { HttpResponse, http } from 'msw';
import { afterEach, expect, it, vi } from 'vitest';
import { answer, server } from '@/test/server';
import { getLayout } from './features/seats/api/getLayout';
import { api, ask } from './lib/api';

const HASH = 'a'.repeat(64);

afterEach(() => {
  globalThis.onsaleEarly = undefined;
  document.head.replaceChildren();
  history.replaceState(null, '', '/');
  vi.resetModules();
});

/** What was asked, in order. */
function office(): string[] {
  const asked: string[] = [];
  server.use(
    http.get('/ticketing/*', ({ request }) => {
      const { pathname, search } = new URL(request.url);
      asked.push(pathname.replace(/^.*\/api/, '') + search);
      if (pathname.endsWith('/events')) return answer([{ id: 7, layoutHash: HASH }]);
      if (pathname.endsWith('/seats')) return HttpResponse.arrayBuffer(new Uint8Array([1, 2, 3]).buffer);
      return answer({ holds: [] });
    }),
  );
  return asked;
}

async function startAt(path: string): Promise<void> {
  history.replaceState(null, '', path);
  await import('./start');
}

const seats = () =>
  ask<ArrayBuffer>(
    api.GET('/ticketing/catalog/api/events/{eventId}/seats', {
      params: { path: { eventId: 7 } },
      headers: { Accept: 'application/vnd.onsale.seatmap' },
      parseAs: 'arrayBuffer',
    }),
  );

it('asks early for what a hall needs, and the page takes it up once', async () => {
  const asked = office();
  await startAt('/events/7');
  await vi.waitFor(() => expect(asked).toContain(`/events/7/layout?hash=${HASH}`));
  expect([...asked].sort()).toEqual([
    '/events',
    `/events/7/layout?hash=${HASH}`,
    '/events/7/seats',
    '/reservations?eventId=7',
  ]);
  expect(await seats()).toMatchObject({ ok: true });
  expect(await getLayout(7, HASH, new AbortController().signal)).toMatchObject({ ok: true });
  expect(asked).toHaveLength(4);
  expect(await seats()).toMatchObject({ ok: true });
  expect(asked).toHaveLength(5);
});

it('knows the plan’s hash from the last visit', async () => {
  const asked = office();
  localStorage.setItem('onsale.layout.7', HASH);
  await startAt('/events/7');
  expect(asked).not.toContain('/events');
  await vi.waitFor(() => expect(asked).toContain(`/events/7/layout?hash=${HASH}`));
});

it('asks again for what did not come, and not at all elsewhere', async () => {
  let tries = 0;
  server.use(http.get('/ticketing/*', () => (++tries === 1 ? HttpResponse.error() : answer({ holds: [] }))));
  await startAt('/tickets');
  expect(tries).toBe(0);
  const url = `${location.origin}/ticketing/catalog/api/events/7/seats`;
  const response = fetch(url);
  response.catch(() => undefined);
  globalThis.onsaleEarly = new Map([
    [`${url} application/vnd.onsale.seatmap`, { response, at: performance.now() }],
  ]);
  expect(await seats()).toMatchObject({ ok: true });
  expect(tries).toBe(2);
});

it('begins the files of the part that stands at this address', async () => {
  office();
  document.head.innerHTML =
    '<meta name="part" content="/orders/ /assets/o.js"><meta name="part" content="/events/ /assets/h.js /assets/h.css">';
  await startAt('/events/7');
  const links = [...document.querySelectorAll('link')].map(
    (link) => `${link.rel} ${link.getAttribute('href')}`,
  );
  expect(links).toEqual(['modulepreload /assets/h.js', 'preload /assets/h.css']);
});
