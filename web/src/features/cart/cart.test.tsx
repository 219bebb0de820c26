import { screen, waitFor, within } from '@testing-library/react';
import { HttpResponse, http } from 'msw';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { renderPage } from '@/test/render';
import { seatOf } from '@/test/seats';
import { answer, problem, server } from '@/test/server';
import { CartPanel, useCart } from './index';
import { EMPTY, merge } from './model/cart';
import { forgetCarts } from './model/cartKeeper';

const HOLDS = '/ticketing/reservation/api/reservations';
const EVENT = 1;

const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();
const held = (seatIds: number[], ms = 120_000) =>
  answer(
    {
      eventId: EVENT,
      seatId: seatIds[0],
      seatIds,
      holdSeconds: 120,
      expiresAt: inMs(ms),
      version: 1,
      traceId: '0',
    },
    201,
  );
const hold = (seatId: number, ms = 120_000, status = 'HELD') => ({
  seatId,
  status,
  expiresAt: inMs(ms),
  extendableUntil: inMs(800_000),
});
const holds = (...list: ReturnType<typeof hold>[]) => answer({ eventId: EVENT, version: 1, holds: list });

/** The office's side: what it holds for this buyer, as the calls change it. */
function office(first: ReturnType<typeof hold>[] = []) {
  const live = new Map(first.map((one) => [one.seatId, one]));
  const asked: { method: string; body: unknown }[] = [];
  server.use(
    http.get(HOLDS, () => holds(...live.values())),
    http.post(HOLDS, async ({ request }) => {
      const body = (await request.json()) as { seatIds: number[] };
      asked.push({ method: 'hold', body });
      for (const id of body.seatIds) live.set(id, hold(id));
      return held(body.seatIds);
    }),
    http.delete(`${HOLDS}/:eventId/:seatId`, ({ params }) => {
      asked.push({ method: 'release', body: Number(params.seatId) });
      live.delete(Number(params.seatId));
      return new HttpResponse(null, { status: 204 });
    }),
    http.post(`${HOLDS}/:eventId/:seatId/extend`, ({ params }) => {
      const seatId = Number(params.seatId);
      asked.push({ method: 'extend', body: seatId });
      const now = hold(seatId, 300_000);
      live.set(seatId, now);
      return answer({ eventId: EVENT, seatId, expiresAt: now.expiresAt, traceId: '0' });
    }),
  );
  return { live, asked };
}

function Room({
  nearest,
  onCheckout,
}: {
  nearest?: number[];
  onCheckout?: (ids: readonly number[]) => void;
}) {
  const cart = useCart(EVENT, 'KRW');
  return (
    <>
      {[1, 2, 3].map((id) => (
        <button key={id} type="button" onClick={() => cart.pick(seatOf(id), 'AVAILABLE')}>
          pick {id}
        </button>
      ))}
      <button type="button" onClick={() => cart.pick(seatOf(9), 'SOLD')}>
        pick sold
      </button>
      <button type="button" onClick={() => cart.pickAll([2, 3])}>
        pick both
      </button>
      <output>{[...cart.mine].map(([id, mark]) => `${id}:${mark}`).join(' ')}</output>
      <CartPanel
        cart={cart}
        seat={seatOf}
        nearest={() => (nearest ?? []).map(seatOf)}
        onCheckout={onCheckout ?? (() => {})}
      />
    </>
  );
}

const cartPanel = () => screen.getByRole('region', { name: 'Your seats' });

function renderRoom(props: Parameters<typeof Room>[0] = {}) {
  return renderPage(<Room {...props} />);
}

const output = (container: HTMLElement) => container.querySelector('output')?.textContent;

afterEach(() => {
  forgetCarts();
  vi.restoreAllMocks();
});

describe('holding', () => {
  it('shows a tapped seat as being held at once, then as held with its time', async () => {
    office();
    let let_go: (() => void) | undefined;
    server.use(
      http.post(HOLDS, async () => {
        await new Promise<void>((resolve) => {
          let_go = resolve;
        });
        return held([1]);
      }),
    );
    const { user, container } = renderRoom();
    await user.click(screen.getByRole('button', { name: 'pick 1' }));
    expect(output(container)).toBe('1:holding');
    await waitFor(() => expect(let_go).toBeDefined());
    let_go?.();
    await waitFor(() => expect(output(container)).toBe('1:held'));
    expect(within(cartPanel()).getAllByText(/^(2:0[01]|1:5\d)$/).length).toBeGreaterThan(0);
    expect(within(cartPanel()).getByRole('button', { name: /Order.*50,000/ })).toBeEnabled();
  });

  it('asks once for a seat that is tapped twice', async () => {
    const { asked } = office();
    const { user, container } = renderRoom();
    await user.dblClick(screen.getByRole('button', { name: 'pick 1' }));
    await waitFor(() => expect(output(container)).toBe('1:held'));
    await user.dblClick(screen.getByRole('button', { name: 'pick 1' }));
    expect(asked).toEqual([{ method: 'hold', body: { eventId: EVENT, seatIds: [1] } }]);
    expect(output(container)).toBe('1:held');
  });

  it('gives a seat back when it is tapped again later', async () => {
    const { asked } = office([hold(1)]);
    const { user, container } = renderRoom();
    await waitFor(() => expect(output(container)).toBe('1:held'));
    await user.dblClick(screen.getByRole('button', { name: 'pick 1' }));
    await waitFor(() => expect(output(container)).toBe(''));
    expect(asked).toEqual([{ method: 'release', body: 1 }]);
  });

  it('takes it back with a plain sentence when another was faster, and offers equal seats', async () => {
    const { asked } = office();
    server.use(
      http.post(HOLDS, () => problem('RESERVATION_CONFLICT', { seats: [{ seatId: 1, status: 'HELD' }] }), {
        once: true,
      }),
    );
    const { user, container } = renderRoom({ nearest: [3] });
    await user.click(screen.getByRole('button', { name: 'pick 1' }));
    expect(
      await screen.findByText('Somebody else was faster: Stalls, row A, seat 1.', { selector: 'p' }),
    ).toBeVisible();
    expect(output(container)).toBe('');
    await user.click(screen.getByRole('button', { name: 'Hold Stalls, row A, seat 3 instead' }));
    await waitFor(() => expect(output(container)).toBe('3:held'));
    expect(asked).toEqual([{ method: 'hold', body: { eventId: EVENT, seatIds: [3] } }]);
    expect(screen.queryByText(/Somebody else was faster/, { selector: 'p' })).not.toBeInTheDocument();
  });

  it('holds none of a group when one is gone, and says so', async () => {
    office();
    server.use(http.post(HOLDS, () => problem('SEAT_SOLD', { seats: [{ seatId: 3, status: 'SOLD' }] })));
    const { user, container } = renderRoom();
    await user.click(screen.getByRole('button', { name: 'pick both' }));
    expect(
      await screen.findByText(
        'Sold already: Stalls, row A, seat 3. None of the seats you chose together is held.',
        { selector: 'p' },
      ),
    ).toBeVisible();
    expect(screen.getByText('No equal seats side by side are free.')).toBeVisible();
    expect(output(container)).toBe('');
  });

  it('does not ask for a seat that is shown as sold, and offers another', async () => {
    const { asked } = office();
    const { user } = renderRoom({ nearest: [2] });
    await user.click(screen.getByRole('button', { name: 'pick sold' }));
    expect(await screen.findByText(/Sold already/, { selector: 'p' })).toBeVisible();
    expect(screen.getByRole('button', { name: /instead/ })).toBeVisible();
    expect(asked).toEqual([]);
  });

  it('tells the limit with what is held', async () => {
    office([hold(1), hold(2)]);
    server.use(http.post(HOLDS, () => problem('LIMIT_EXCEEDED')));
    const { user, container } = renderRoom();
    await waitFor(() => expect(output(container)).toBe('1:held 2:held'));
    await user.click(screen.getByRole('button', { name: 'pick 3' }));
    expect(
      await screen.findByText(/more seats than one buyer may have. You hold 2 now/, { selector: 'p' }),
    ).toBeVisible();
    expect(output(container)).toBe('1:held 2:held');
  });

  it('begins anew when the office does not know the buyer any more', async () => {
    const { asked } = office();
    server.use(http.post(HOLDS, () => problem('TOKEN_INVALID'), { once: true }));
    const { user, container } = renderRoom();
    await user.click(screen.getByRole('button', { name: 'pick 1' }));
    await waitFor(() => expect(output(container)).toBe('1:held'));
    expect(asked).toHaveLength(1);
  });

  it('waits as long as a busy office says, says so, and then holds', async () => {
    office();
    vi.spyOn(Math, 'random').mockReturnValue(0);
    server.use(http.post(HOLDS, () => problem('TOO_MANY_REQUESTS', { retryAfter: 1 }), { once: true }));
    const { user, container } = renderRoom();
    const since = performance.now();
    await user.click(screen.getByRole('button', { name: 'pick 1' }));
    expect(await screen.findByText(/Many people are here at once/, { selector: 'p' })).toBeVisible();
    await waitFor(() => expect(output(container)).toBe('1:held'), { timeout: 4000 });
    expect(performance.now() - since).toBeGreaterThanOrEqual(990);
    expect(screen.queryByText(/Many people are here at once/, { selector: 'p' })).not.toBeInTheDocument();
  });

  it('looks what came of it when no answer came', async () => {
    const { live } = office();
    vi.spyOn(Math, 'random').mockReturnValue(0);
    server.use(
      http.post(HOLDS, () => {
        // It arrived, and the answer was lost.
        live.set(1, hold(1));
        return HttpResponse.error();
      }),
    );
    const { user, container } = renderRoom();
    await user.click(screen.getByRole('button', { name: 'pick 1' }));
    expect(
      await screen.findByText(/we do not know yet whether it worked/, { selector: 'p' }, { timeout: 6000 }),
    ).toBeVisible();
    await waitFor(() => expect(output(container)).toBe('1:held'), { timeout: 3000 });
  }, 12_000);
});

describe('keeping and giving back', () => {
  it('restores what is held, by the office’s list', async () => {
    office([hold(1, 60_000), hold(2, 90_000, 'PINNED')]);
    const { container } = renderRoom();
    await waitFor(() => expect(output(container)).toBe('1:held 2:ordered'));
    expect(within(cartPanel()).getByText('Being ordered')).toBeInTheDocument();
    expect(within(cartPanel()).queryByRole('button', { name: /Release.*seat 2/ })).not.toBeInTheDocument();
  });

  it('counts by the office’s clock, not by the device’s', async () => {
    const day = 86_400_000;
    server.use(
      http.get(HOLDS, () =>
        HttpResponse.json(
          {
            eventId: EVENT,
            version: 1,
            holds: [
              {
                seatId: 1,
                status: 'HELD',
                expiresAt: inMs(day + 90_000),
                extendableUntil: inMs(day + 800_000),
              },
            ],
          },
          { headers: { Date: new Date(Date.now() + day).toUTCString(), 'Cache-Control': 'no-store' } },
        ),
      ),
    );
    renderRoom();
    expect((await within(cartPanel()).findAllByText(/^1:(29|30|31)$/)).length).toBeGreaterThan(0);
  });

  it('says that a hold has lapsed, and holds the seat again if wished', async () => {
    const { live, asked } = office([hold(1, 400)]);
    const { user, container } = renderRoom();
    await waitFor(() => expect(output(container)).toBe('1:held'));
    live.clear();
    expect(
      await screen.findByText(/Time is over.*Stalls, row A, seat 1/, { selector: 'p' }, { timeout: 4000 }),
    ).toBeVisible();
    expect(output(container)).toBe('');
    await user.click(screen.getByRole('button', { name: 'Hold it again' }));
    await waitFor(() => expect(output(container)).toBe('1:held'));
    expect(asked.map(({ method }) => method)).toEqual(['hold']);
    expect(screen.queryByText(/Time is over/, { selector: 'p' })).not.toBeInTheDocument();
  });

  it('extends once, all that can be', async () => {
    const { asked } = office([hold(1, 60_000), hold(2, 70_000)]);
    const { user } = renderRoom();
    await user.click(await screen.findByRole('button', { name: 'Keep them 5 more minutes' }));
    await waitFor(() => expect(asked.map(({ body }) => body).sort()).toEqual([1, 2]));
    await waitFor(() => expect(screen.queryByRole('button', { name: /Keep them/ })).not.toBeInTheDocument());
    expect((await within(cartPanel()).findAllByText(/^(5:0[01]|4:5\d)$/)).length).toBeGreaterThan(0);
  });

  it('does not offer it again after a reload, but for a later hold of the same seat it does', async () => {
    const { live } = office([hold(1, 60_000)]);
    const first = renderRoom();
    await first.user.click(await screen.findByRole('button', { name: 'Keep them 5 more minutes' }));
    await waitFor(() => expect(screen.queryByRole('button', { name: /Keep them/ })).not.toBeInTheDocument());
    first.unmount();
    forgetCarts();
    const second = renderRoom();
    await waitFor(() => expect(output(second.container)).toBe('1:held'));
    expect(screen.queryByRole('button', { name: /Keep them/ })).not.toBeInTheDocument();
    second.unmount();
    forgetCarts();
    live.set(1, hold(1, 90_000));
    renderRoom();
    expect(await screen.findByRole('button', { name: 'Keep them 5 more minutes' })).toBeInTheDocument();
  });

  it('does without what it cannot remember', async () => {
    localStorage.setItem(`onsale.extended.${EVENT}`, '[[1,"soon"],7,{');
    office([hold(1, 60_000)]);
    renderRoom();
    expect(await screen.findByRole('button', { name: 'Keep them 5 more minutes' })).toBeInTheDocument();
  });

  it('gives a seat back, and keeps the focus in the cart', async () => {
    const { asked } = office([hold(1), hold(2)]);
    const { user, container } = renderRoom();
    await user.click(await screen.findByRole('button', { name: 'Release Stalls, row A, seat 1' }));
    await waitFor(() => expect(output(container)).toBe('2:held'));
    expect(asked).toEqual([{ method: 'release', body: 1 }]);
    await waitFor(() => expect(cartPanel().contains(document.activeElement)).toBe(true));
  });

  it('keeps the seat when giving it back could not be told', async () => {
    office([hold(1)]);
    vi.spyOn(Math, 'random').mockReturnValue(0);
    server.use(http.delete(`${HOLDS}/:eventId/:seatId`, () => problem('UNAVAILABLE', { retryAfter: 0 })));
    const { user, container } = renderRoom();
    await user.click(await screen.findByRole('button', { name: 'Release Stalls, row A, seat 1' }));
    expect(await screen.findByText(/we do not know yet/, { selector: 'p' }, { timeout: 4000 })).toBeVisible();
    expect(output(container)).toBe('1:held');
  });

  it('does not call a seat lapsed that was ordered elsewhere', async () => {
    const { live } = office([hold(1, 60_000)]);
    const { container } = renderRoom();
    await waitFor(() => expect(output(container)).toBe('1:held'));
    live.clear();
    window.dispatchEvent(new Event('online'));
    await waitFor(() => expect(output(container)).toBe(''));
    expect(screen.queryByText(/Time is over/, { selector: 'p' })).not.toBeInTheDocument();
  });

  it('says that a hold has lapsed when the office forgets it a moment before our clock does', async () => {
    const { live } = office([hold(1, 1500)]);
    const { container } = renderRoom();
    await waitFor(() => expect(output(container)).toBe('1:held'));
    await new Promise((resolve) => setTimeout(resolve, 1200));
    live.clear();
    window.dispatchEvent(new Event('online'));
    await waitFor(() => expect(output(container)).toBe(''));
    expect(await screen.findByText(/Time is over/, { selector: 'p' })).toBeVisible();
  });

  it('takes a hold for lapsed as far as its own clock may be behind, and no further', () => {
    const line = { phase: 'held', expiresAt: 10_000, extendableUntil: 0, extended: false } as const;
    const state = { ...EMPTY, lines: new Map([[1, { seatId: 1, ...line }]]) };
    const at = (now: number) => merge(state, [], now, () => false).lapsed;
    expect(at(10_000)).toEqual([1]);
    expect(at(9_000)).toEqual([1]);
    expect(at(8_999)).toEqual([]);
  });

  it('hands the held seats to the order', async () => {
    office([hold(1), hold(2)]);
    const onCheckout = vi.fn();
    const { user } = renderRoom({ onCheckout });
    await user.click(await screen.findByRole('button', { name: /Order.*100,000/ }));
    expect(onCheckout).toHaveBeenCalledWith([1, 2]);
  });

  it('tells what is wrong when the holds cannot be read, and asks again', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0);
    server.use(http.get(HOLDS, () => problem('INTERNAL_ERROR'), { once: true }));
    const { user } = renderRoom();
    expect(await screen.findByText('4bf92f3577b34da6a3ce929d0e0e4736')).toBeVisible();
    office([hold(1)]);
    await user.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByRole('button', { name: 'Release Stalls, row A, seat 1' })).toBeInTheDocument();
  });
});
