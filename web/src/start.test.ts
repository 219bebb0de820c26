import { HttpResponse, http } from 'msw';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { answer, server } from '@/test/server';
import { getLayout } from './features/seats/api/getLayout';
import { api, ask } from './lib/api';

const HASH = 'a'.repeat(64);

afterEach(() => {
  globalThis.onsaleEarly = undefined;
  globalThis.onsaleEarlyPlan = undefined;
  vi.unstubAllGlobals();
  document.head.replaceChildren();
  history.replaceState(null, '', '/');
  vi.resetModules();
});

/** What was asked, in order. */
function office(seatCount = 100): string[] {
  const asked: string[] = [];
  server.use(
    http.get('/ticketing/*', ({ request }) => {
      const { pathname, search } = new URL(request.url);
      asked.push(pathname.replace(/^.*\/api/, '') + search);
      if (pathname.endsWith('/events')) return answer([null, { id: 7, layoutHash: HASH, seatCount }]);
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
  await vi.waitFor(() => expect(asked).toHaveLength(4));
  expect(asked).toContain(`/events/7/layout?hash=${HASH}`);
});

it('asks for the events alone elsewhere', async () => {
  const asked = office();
  await startAt('/tickets');
  await vi.waitFor(() => expect(asked).toEqual(['/events']));
});

it('asks again for what did not come', async () => {
  let tries = 0;
  server.use(http.get('/ticketing/*', () => (++tries === 1 ? HttpResponse.error() : answer({ holds: [] }))));
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

describe('the plan of a large hall', () => {
  const signal = new AbortController().signal;
  const made = async () => {
    const layout = await getLayout(7, HASH, signal);
    return layout.ok ? layout.value.made : undefined;
  };
  class Reader {
    onmessage: (event: { data: unknown }) => void = () => undefined;
    onerror: () => void = () => undefined;
    readonly terminate = vi.fn();
    postMessage() {
      setTimeout(() => this.onmessage({ data: 'the plan' }), 0);
    }
  }
  const arrange = (worker: unknown) => {
    vi.stubGlobal('Worker', worker);
    document.head.innerHTML = '<meta name="plan-worker" content="/assets/planWorker.js">';
  };

  it('is read by its worker before the page is there', async () => {
    office(50_000);
    arrange(Reader);
    await startAt('/events/7');
    await vi.waitFor(() => expect(globalThis.onsaleEarlyPlan).toBeDefined());
    expect(await await made()).toBe('the plan');
  });

  it('is left to the page where the worker breaks, or there is none', async () => {
    office(50_000);
    arrange(
      class extends Reader {
        override postMessage() {
          setTimeout(() => this.onerror(), 0);
        }
      },
    );
    await startAt('/events/7');
    await vi.waitFor(() => expect(globalThis.onsaleEarlyPlan).toBeDefined());
    expect(await await made()).toBeUndefined();
  });

  it('is not asked of a worker when the hall is small', async () => {
    const asked = office(4000);
    arrange(Reader);
    await startAt('/events/7');
    await vi.waitFor(() => expect(asked).toHaveLength(4));
    expect(globalThis.onsaleEarlyPlan).toBeUndefined();
  });
});
