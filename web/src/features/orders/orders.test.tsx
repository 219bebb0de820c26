import { screen, waitFor, within } from '@testing-library/react';
import { HttpResponse, http } from 'msw';
import { Route, Routes, useNavigate, useParams } from 'react-router';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ok, type Result, refused } from '@/lib/result';
import { example } from '@/test/contract';
import { renderPage } from '@/test/render';
import { seatOf } from '@/test/seats';
import { answer, problem, server } from '@/test/server';
import type { Order } from './api/readOrder';
import { Checkout, OpenOrder, OrderProgress, TicketList } from './index';

const ORDERS = '/ticketing/order/api/orders';
const ID = '019ac0de-7b1c-7d3e-8a4f-2b6c9d0e1f2a';
const NEXT_ID = '019ac0de-7b1c-7d3e-8a4f-2b6c9d0e1f2b';
const EVENT = { title: 'The Gala', dateTime: '2099-03-01T10:00:00.000Z', venue: 'Demo Hall' };

function order(name: 'created' | 'confirmed' | 'cancelled', members: Partial<Order> = {}): Order {
  const from = example<Order>(`${ORDERS}/{orderId}`, 'get', 200, name);
  return {
    ...from,
    createdAt: new Date().toISOString(),
    payBy: new Date(Date.now() + 30_000).toISOString(),
    ...members,
  };
}

/** Notes the keys that orders were sent with; answers by the given list, its last one again and again. */
function orderDesk(...answers: ((key: string) => Response | Promise<Response>)[]) {
  const keys: string[] = [];
  server.use(
    http.post(ORDERS, async ({ request }) => {
      const key = request.headers.get('Idempotency-Key') ?? '';
      keys.push(key);
      const next = answers[Math.min(keys.length, answers.length) - 1];
      return (await next?.(key)) as HttpResponse<string>;
    }),
  );
  return keys;
}

const placed = (orderId = ID, headers: Record<string, string> = {}) =>
  answer(order('created', { orderId }), 201, headers);

beforeEach(() => {
  vi.spyOn(Math, 'random').mockReturnValue(0);
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe('checkout', () => {
  function renderCheckout() {
    const onPlaced = vi.fn();
    const onStale = vi.fn();
    const view = renderPage(
      <Checkout
        open
        onOpenChange={() => {}}
        eventId={1}
        event={EVENT}
        currency="KRW"
        seats={[seatOf(4), seatOf(7)]}
        until={Date.now() + 60_000}
        onPlaced={onPlaced}
        onStale={onStale}
      />,
    );
    return { ...view, onPlaced, onStale };
  }
  const pay = () => screen.getByRole('button', { name: /Pay|Placing|Try again/ });

  it('shows what is bought and for how much, and orders it with one button', async () => {
    const keys = orderDesk(() => placed());
    const { user, onPlaced } = renderCheckout();
    const sheet = screen.getByRole('dialog', { name: 'Your order' });
    expect(sheet).toHaveTextContent('The Gala');
    expect(sheet).toHaveTextContent('Stalls, row A, seat 4');
    expect(sheet).toHaveTextContent('Stalls, row A, seat 7');
    expect(pay()).toHaveTextContent('₩100,000');
    await user.click(pay());
    await waitFor(() => expect(onPlaced).toHaveBeenCalledWith(ID, [4, 7]));
    expect(keys).toHaveLength(1);
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
  });

  it('places one order for a double click', async () => {
    const keys = orderDesk(() => placed());
    const { user, onPlaced } = renderCheckout();
    await user.dblClick(pay());
    await waitFor(() => expect(onPlaced).toHaveBeenCalled());
    expect(keys).toHaveLength(1);
  });

  it('sends the same key again after a lost answer, a reload and another try', async () => {
    const keys = orderDesk(() => HttpResponse.error());
    const first = renderCheckout();
    await first.user.click(pay());
    expect(
      await screen.findByText(/do not know yet whether your order arrived/, {}, { timeout: 20_000 }),
    ).toBeVisible();
    expect(first.onStale).toHaveBeenCalled();
    first.unmount(); // the page goes, the browser stays
    const later = orderDesk(() => placed());
    const second = renderCheckout();
    await second.user.click(pay());
    await waitFor(() => expect(second.onPlaced).toHaveBeenCalled());
    expect(new Set([...keys, ...later]).size).toBe(1);
  }, 30_000);

  it('waits for the first of two equal orders instead of giving up', async () => {
    const keys = orderDesk(
      () => problem('IDEMPOTENCY_IN_PROGRESS'),
      () => placed(),
    );
    const { user, onPlaced } = renderCheckout();
    await user.click(pay());
    await waitFor(() => expect(onPlaced).toHaveBeenCalled(), { timeout: 3000 });
    expect(new Set(keys).size).toBe(1);
  });

  it('takes a new key when the order of the old one came to nothing', async () => {
    let first = '';
    const keys = orderDesk(
      (key) => {
        first = key;
        return placed(ID, { 'Idempotent-Replayed': 'true' });
      },
      () => placed(NEXT_ID),
    );
    server.use(http.get(`${ORDERS}/:orderId`, () => answer(order('cancelled'))));
    const { user, onPlaced } = renderCheckout();
    await user.click(pay());
    await waitFor(() => expect(onPlaced).toHaveBeenCalledWith(NEXT_ID, [4, 7]));
    expect(keys).toHaveLength(2);
    expect(keys[1]).not.toBe(first);
  });

  it.each([
    ['RESERVATION_EXPIRED', /time for these seats ran out/],
    ['SEAT_SOLD', /has been sold/],
    ['RESERVATION_CONFLICT', /cannot be bought right now/],
    ['HOLD_NOT_OWNED', /Somebody else holds/],
    ['NOT_ON_SALE', /./],
  ])('says in plain words that nothing was paid on %s', async (code, words) => {
    orderDesk(() => problem(code));
    const { user, onPlaced, onStale } = renderCheckout();
    await user.click(pay());
    const sheet = screen.getByRole('dialog');
    expect(await within(sheet).findByRole('alert')).toHaveTextContent(words);
    expect(onStale).toHaveBeenCalled();
    expect(onPlaced).not.toHaveBeenCalled();
  });
});

function Page({ holdAgain }: { holdAgain: (...all: unknown[]) => Promise<Result<unknown>> }) {
  const { orderId = '' } = useParams();
  const navigate = useNavigate();
  return (
    <OrderProgress
      key={orderId}
      orderId={orderId}
      eventOf={() => EVENT}
      holdAgain={holdAgain}
      onPlaced={(next) => navigate(`/orders/${next}`)}
    />
  );
}

describe('an order’s page', () => {
  function renderOrder(holdAgain: (...all: unknown[]) => Promise<Result<unknown>> = async () => ok({})) {
    return renderPage(
      <Routes>
        <Route path="/orders/:orderId" element={<Page holdAgain={holdAgain} />} />
        <Route path="*" element={<p>elsewhere</p>} />
      </Routes>,
      { at: `/orders/${ID}` },
    );
  }
  function orderGoes(...orders: Order[]) {
    let asked = 0;
    server.use(
      http.get(`${ORDERS}/:orderId`, () => {
        asked += 1;
        return answer(orders[Math.min(asked, orders.length) - 1]);
      }),
    );
  }

  it('follows the order step by step to the tickets', async () => {
    orderGoes(order('created'), order('created', { status: 'AUTHORISED' }), order('confirmed'));
    renderOrder();
    expect(await screen.findByRole('heading', { name: 'Your payment is under way' })).toBeVisible();
    await waitFor(() => expect(screen.getByText('Bank approves')).toHaveAttribute('aria-current', 'step'));
    await waitFor(() =>
      expect(screen.getByText('Seats sold to you')).toHaveAttribute('aria-current', 'step'),
    );
    expect(await screen.findByRole('heading', { name: 'The seats are yours' })).toBeVisible();
    const codes = screen.getAllByRole('img', { name: 'QR code for the entrance' });
    expect(codes).toHaveLength(order('confirmed').tickets?.length ?? 0);
    expect(screen.getByRole('link', { name: 'See my tickets' })).toHaveAttribute('href', '/tickets');
  });

  it('says that the bank is asked, and not to pay twice, when it takes long', async () => {
    orderGoes(order('created', { createdAt: new Date(Date.now() - 12_000).toISOString() }));
    renderOrder();
    expect(await screen.findByText(/Please do not pay twice/)).toBeVisible();
    expect(screen.getByText(/Your seats are safe meanwhile/)).toBeVisible();
    expect(screen.queryByRole('button', { name: /Pay/ })).not.toBeInTheDocument();
  });

  it('goes on asking past the deadline: what the bank did is not guessed', async () => {
    const past = new Date(Date.now() - 60_000).toISOString();
    orderGoes(order('created', { createdAt: past, payBy: past }));
    renderOrder();
    expect(await screen.findByText(/We keep asking the bank whether it went through/)).toBeVisible();
  });

  it('waits for an order in a state it has no word for', async () => {
    orderGoes(order('created', { status: 'ON_HOLD_AT_CUSTOMS' }));
    renderOrder();
    expect(await screen.findByRole('heading', { name: 'Your payment is under way' })).toBeVisible();
  });

  it('offers the same seats again when the bank refused, under a new key', async () => {
    server.use(
      http.get(`${ORDERS}/:orderId`, ({ params }) =>
        answer(params.orderId === ID ? order('cancelled') : order('confirmed', { orderId: NEXT_ID })),
      ),
    );
    const keys = orderDesk(() => placed(NEXT_ID));
    const holdAgain = vi.fn(async () => ok({}));
    const { user, address } = renderOrder(holdAgain);
    expect(await screen.findByRole('heading', { name: 'The bank refused the payment' })).toBeVisible();
    expect(screen.getByText('You were not charged.')).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Pay again for the same 2 seats' }));
    expect(await screen.findByRole('heading', { name: 'The seats are yours' })).toBeVisible();
    expect(holdAgain).toHaveBeenCalledWith(1, [4, 7]);
    expect(keys).toHaveLength(1);
    expect(address()).toBe(`/orders/${NEXT_ID}`);
  });

  it('says so when the seats went to another meanwhile, and leads back to the hall', async () => {
    orderGoes(order('cancelled'));
    const taken = { code: 'RESERVATION_CONFLICT', status: 409, message: '', traceId: '' };
    const { user } = renderOrder(async () => refused(taken));
    await user.click(await screen.findByRole('button', { name: /Pay again/ }));
    expect(await screen.findByText(/has taken one of those seats meanwhile/)).toBeVisible();
    expect(screen.queryByRole('button', { name: /Pay again/ })).not.toBeInTheDocument();
    expect(screen.getByRole('link', { name: 'Choose other seats' })).toHaveAttribute('href', '/events/1');
  });

  it.each([
    ['PAYMENT_TOO_LATE', 'The payment came too late'],
    ['PAYMENT_UNAVAILABLE', 'The bank could not be reached'],
    ['SEATS_LOST', 'The seats could not be kept'],
    ['EVENT_RESET', 'The sale was started anew'],
  ])('has a page for %s', async (code, title) => {
    orderGoes(order('cancelled', { reason: { code, message: 'x' } }));
    renderOrder();
    expect(await screen.findByRole('heading', { name: title })).toBeVisible();
    expect(screen.getByText('You were not charged.')).toBeVisible();
  });

  it('shows the office’s words for a reason it does not know, as text', async () => {
    orderGoes(
      order('cancelled', { reason: { code: 'MOON_PHASE', message: '<img src=x onerror=alert(1)>' } }),
    );
    const { container } = renderOrder();
    expect(await screen.findByText('<img src=x onerror=alert(1)>')).toBeVisible();
    expect(container.querySelector('img')).toBeNull();
  });

  it('knows no order of another buyer', async () => {
    server.use(http.get(`${ORDERS}/:orderId`, () => problem('ORDER_NOT_FOUND')));
    renderOrder();
    expect(await screen.findByRole('heading', { name: 'There is no such order' })).toBeVisible();
  });

  it('tells a fault with its Trace-Id', async () => {
    server.use(http.get(`${ORDERS}/:orderId`, () => problem('INTERNAL_ERROR')));
    renderOrder();
    expect(await screen.findByText('4bf92f3577b34da6a3ce929d0e0e4736')).toBeVisible();
  });
});

describe('my tickets', () => {
  const list = (...orders: unknown[]) => server.use(http.get(ORDERS, () => answer({ orders })));
  const renderList = (title = EVENT.title) =>
    renderPage(<TicketList eventOf={() => ({ ...EVENT, title })} />);

  it('says that there are none, and where they are had', async () => {
    list();
    renderList();
    expect(await screen.findByText('No tickets yet')).toBeVisible();
    expect(screen.getByRole('link', { name: 'See the events' })).toHaveAttribute('href', '/');
  });

  it('shows each ticket with its place, its state and its code', async () => {
    list(order('confirmed'));
    renderList();
    const tickets = await screen.findAllByRole('article');
    expect(tickets).toHaveLength(order('confirmed').tickets?.length ?? 0);
    const [first] = tickets;
    const told = order('confirmed').tickets?.[0];
    expect(first).toHaveTextContent('The Gala');
    expect(first).toHaveTextContent(`Section${told?.section}`);
    expect(first).toHaveTextContent(`Row${told?.row}`);
    expect(first).toHaveTextContent(`Seat${told?.seat}`);
    expect(first).toHaveTextContent('Valid');
    expect(first).toHaveTextContent(told?.ticketId ?? '?');
    const code = within(first as HTMLElement).getByRole('img', { name: 'QR code for the entrance' });
    expect(code.querySelector('path')?.getAttribute('d')?.length).toBeGreaterThan(100);
  });

  it('prints', async () => {
    list(order('confirmed'));
    const print = vi.spyOn(window, 'print').mockImplementation(() => {});
    const { user } = renderList();
    await user.click(await screen.findByRole('button', { name: 'Print' }));
    expect(print).toHaveBeenCalled();
  });

  it('leads to an order under way, and keeps the cancelled ones folded', async () => {
    list(order('created', { orderId: NEXT_ID }), order('cancelled'));
    renderList();
    const open = await screen.findByRole('region', { name: 'Under way' });
    expect(within(open).getByRole('link')).toHaveAttribute('href', `/orders/${NEXT_ID}`);
    expect(screen.getByText('1 cancelled order')).toBeVisible();
    expect(screen.getByText('Payment refused')).not.toBeVisible();
  });

  it('reads further pages', async () => {
    server.use(
      http.get(ORDERS, ({ request }) =>
        answer(
          new URL(request.url).searchParams.get('after') === ID
            ? { orders: [order('confirmed', { orderId: NEXT_ID })] }
            : { orders: [order('cancelled')], nextAfter: ID },
        ),
      ),
    );
    const { user } = renderList();
    await user.click(await screen.findByRole('button', { name: 'Older orders' }));
    expect((await screen.findAllByRole('article')).length).toBeGreaterThan(0);
  });

  it('leaves out what it cannot read, and says so', async () => {
    list(order('confirmed'), { orderId: 5 }, 'nonsense');
    renderList();
    expect(await screen.findByText('2 orders could not be shown.')).toBeVisible();
    expect(screen.getAllByRole('article').length).toBeGreaterThan(0);
  });

  it('shows a title full of markup as text', async () => {
    list(order('confirmed'));
    const { container } = renderList('<script>alert(1)</script>');
    expect((await screen.findAllByText('<script>alert(1)</script>')).length).toBeGreaterThan(0);
    expect(container.querySelector('script')).toBeNull();
  });

  it('is empty, not broken, for a buyer the office no longer knows', async () => {
    server.use(http.get(ORDERS, () => problem('TOKEN_INVALID')));
    renderList();
    expect(await screen.findByText('No tickets yet')).toBeVisible();
  });
});

describe('the way back to an open order', () => {
  it('is shown in the hall while the order is under way', async () => {
    server.use(http.get(ORDERS, () => answer({ orders: [order('created')] })));
    renderPage(<OpenOrder eventId={1} ordered />);
    expect(await screen.findByRole('link', { name: /under way/ })).toHaveAttribute('href', `/orders/${ID}`);
  });
});
