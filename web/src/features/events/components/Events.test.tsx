import { act, screen, waitFor, within } from '@testing-library/react';
import { delay, HttpResponse, http } from 'msw';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { example } from '@/test/contract';
import { renderPage } from '@/test/render';
import { answer, problem, server, TRACE_ID } from '@/test/server';
import type { EventSummary } from '../model/event';
import { Events } from './Events';

const PATH = '/ticketing/catalog/api/events';
const [told] = example<EventSummary[]>(PATH, 'get', 200);
if (!told) throw new Error('The contract has no event.');
const event: EventSummary = told;

function offer(...events: unknown[]) {
  server.use(http.get(PATH, () => answer(events)));
}

function card(title: string): HTMLElement {
  const found = screen.getByRole('link', { name: title }).closest('article');
  if (!found) throw new Error(`There is no card for ${title}`);
  return found;
}

afterEach(() => vi.useRealTimers());

describe('the list of events', () => {
  it('tells date, hall, prices and what is left', async () => {
    renderPage(<Events />);
    expect(screen.getByText('Loading')).toBeInTheDocument();
    await screen.findByRole('link', { name: 'Onsale Demo 1' });
    const demo = card('Onsale Demo 1');
    expect(demo).toHaveTextContent('Demo Hall');
    expect(demo).toHaveTextContent('₩50,000');
    expect(demo).toHaveTextContent('₩59,000');
    expect(demo).toHaveTextContent('97 seats left');
    expect(demo).toHaveTextContent(/Mar 1, 2027/);
    expect(within(demo).getByText('On sale')).toBeInTheDocument();
    expect(within(demo).getByRole('link')).toHaveAttribute('href', '/events/1');
  });

  it('tells it in Korean', async () => {
    renderPage(<Events />, { language: 'ko' });
    await screen.findByRole('link', { name: 'Onsale Demo 1' });
    const demo = card('Onsale Demo 1');
    expect(demo).toHaveTextContent('50,000원');
    expect(demo).toHaveTextContent('97석 남음');
    expect(document.documentElement.lang).toBe('ko');
  });

  it('tells sold out, past, closed, and a status it does not know', async () => {
    offer(
      { ...event, id: 1, title: 'None left', available: 0 },
      { ...event, id: 2, title: 'Yesterday', dateTime: '2020-01-01T00:00:00.000Z' },
      { ...event, id: 3, title: 'Over', status: 'CLOSED' },
      { ...event, id: 4, title: 'Strange', status: 'POSTPONED' },
    );
    renderPage(<Events />);
    await screen.findByRole('link', { name: 'None left' });
    expect(card('None left')).toHaveTextContent('Sold out');
    expect(card('Yesterday')).toHaveTextContent('Past');
    expect(card('Over')).toHaveTextContent('Sale closed');
    expect(card('Strange')).toHaveTextContent('Status unknown');
  });

  it('counts down to the opening by the office’s clock, the device a day ahead, and then is open', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true, advanceTimeDelta: 20 });
    const office = Date.parse('2026-11-22T18:00:00.000Z');
    vi.setSystemTime(office + 86_400_000);
    const soon = {
      ...event,
      dateTime: '2027-03-01T10:00:00.000Z',
      status: 'ANNOUNCED',
      onSaleAt: new Date(office + 90_000).toISOString(),
    };
    let asked = 0;
    server.use(
      http.get(PATH, () => {
        asked++;
        const passed = Date.now() - (office + 86_400_000);
        return answer([soon], 200, { Date: new Date(office + passed).toUTCString() });
      }),
    );
    renderPage(<Events />);
    await screen.findByRole('link', { name: 'Onsale Demo 1' });
    expect(card('Onsale Demo 1')).toHaveTextContent('Opening soon');
    expect(screen.getByRole('timer').textContent).toMatch(/^1:(29|30)$/);
    expect(screen.getByText(/Your device’s clock is 2[34]:\d\d:\d\d fast/)).toBeInTheDocument();
    const before = asked;
    await act(() => vi.advanceTimersByTimeAsync(92_000));
    expect(card('Onsale Demo 1')).toHaveTextContent('On sale');
    expect(asked).toBeGreaterThan(before);
  });

  it('follows what is left while it is looked at', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    let left = 97;
    server.use(http.get(PATH, () => answer([{ ...event, available: left-- }])));
    renderPage(<Events />);
    await screen.findByText('97 seats left');
    await act(() => vi.advanceTimersByTimeAsync(4000));
    await waitFor(() => expect(screen.queryByText('97 seats left')).not.toBeInTheDocument());
    expect(card('Onsale Demo 1')).toHaveTextContent(/9[56] seats left/);
  });
});

describe('search and filter', () => {
  const events = [
    { ...event, id: 1, title: '한강 재즈의 밤' },
    { ...event, id: 2, title: 'Piano Recital' },
    { ...event, id: 3, title: 'Gone', available: 0 },
  ];

  it('live in the address', async () => {
    offer(...events);
    const { user, address } = renderPage(<Events />);
    await screen.findByRole('link', { name: 'Piano Recital' });
    await user.type(screen.getByRole('searchbox'), 'ㅈㅈ');
    await waitFor(() => expect(address()).toBe('/?q=%E3%85%88%E3%85%88'));
    expect(screen.getAllByRole('article')).toHaveLength(1);
    expect(screen.getByRole('link', { name: '한강 재즈의 밤' })).toBeInTheDocument();
    expect(await screen.findByText('1 event found.')).toBeInTheDocument();
  });

  it('survive a reload', async () => {
    offer(...events);
    renderPage(<Events />, { at: '/?q=gone&show=over' });
    await screen.findByRole('link', { name: 'Gone' });
    expect(screen.getAllByRole('article')).toHaveLength(1);
    expect(screen.getByRole('searchbox')).toHaveValue('gone');
    expect(screen.getByRole('button', { name: 'Sold out or over' })).toHaveAttribute('aria-pressed', 'true');
  });

  it('say when nothing matches, and are cleared by one press', async () => {
    offer(...events);
    const { user, address } = renderPage(<Events />, { at: '/?q=opera&show=soon' });
    await user.click(await screen.findByRole('button', { name: 'Clear the filter' }));
    expect(screen.getAllByRole('article')).toHaveLength(3);
    expect(screen.getByRole('searchbox')).toHaveValue('');
    expect(address()).toBe('/');
  });

  it('take an address that nobody wrote on purpose', async () => {
    offer(...events);
    renderPage(<Events />, { at: `/?show=%00&q=${'x'.repeat(3000)}` });
    expect(await screen.findByText('No event matches')).toBeInTheDocument();
  });
});

describe('when things go wrong', () => {
  it('says when there are no events', async () => {
    offer();
    renderPage(<Events />);
    expect(await screen.findByText('There are no events yet')).toBeInTheDocument();
  });

  it('shows markup as text', async () => {
    const title = '<img src=x onerror=alert(1)><script>alert(1)</script> & "Quotes"';
    offer({ ...event, title, venue: '<b>hall</b>' });
    const { container } = renderPage(<Events />);
    expect(await screen.findByRole('link', { name: title })).toBeInTheDocument();
    expect(screen.getByText('<b>hall</b>')).toBeInTheDocument();
    expect(container.querySelector('img, script, b')).toBeNull();
  });

  it('cuts a title of 10,000 characters full of markup, and stays usable', async () => {
    offer({ ...event, title: '<b>가나다</b>'.repeat(1000) }, { ...event, id: 2, title: 'Short' });
    renderPage(<Events />);
    await screen.findByRole('link', { name: 'Short' });
    const [long] = screen.getAllByRole('link');
    expect(long?.textContent).toHaveLength(200);
    expect(long?.textContent).toMatch(/^<b>가나다<\/b>.*…$/);
  });

  it('leaves out an event it cannot read, says so, and shows the others', async () => {
    offer(event, { id: 'x' }, null, { ...event, id: 9, available: 'many' });
    renderPage(<Events />);
    expect(await screen.findByText('3 events could not be read and are not shown.')).toBeInTheDocument();
    expect(screen.getAllByRole('article')).toHaveLength(1);
  });

  it.each([
    [
      'no JSON',
      () =>
        new HttpResponse('{"oops', { headers: { 'Content-Type': 'application/json', 'Trace-Id': TRACE_ID } }),
    ],
    ['no list', () => answer({ events: [] })],
  ])('says that it cannot read an answer that is %s, with the Trace-Id to copy', async (_, respond) => {
    server.use(http.get(PATH, respond));
    const { user } = renderPage(<Events />);
    expect(await screen.findByRole('heading', { name: 'We could not read the answer' })).toBeInTheDocument();
    expect(screen.getByText(TRACE_ID)).toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: 'Copy' }));
    expect(await navigator.clipboard.readText()).toBe(TRACE_ID);
    server.resetHandlers();
    await user.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByRole('link', { name: 'Onsale Demo 1' })).toBeInTheDocument();
  });

  it.each(['TOO_MANY_REQUESTS', 'UNAVAILABLE'])('asks again by itself after %s', async (code) => {
    let asked = 0;
    server.use(http.get(PATH, () => (asked++ < 2 ? problem(code) : answer([event]))));
    renderPage(<Events />);
    expect(await screen.findByRole('link', { name: 'Onsale Demo 1' })).toBeInTheDocument();
    expect(asked).toBe(3);
  });

  it('keeps what it has when the office goes away, and says that it is not the latest', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    renderPage(<Events />);
    await screen.findByRole('link', { name: 'Onsale Demo 1' });
    server.use(http.get(PATH, () => problem('UNAVAILABLE')));
    await act(() => vi.advanceTimersByTimeAsync(6000));
    expect(await screen.findByText(/The latest figures are not coming through/)).toBeInTheDocument();
    expect(screen.getByRole('link', { name: 'Onsale Demo 1' })).toBeInTheDocument();
  });

  it('shows places for what is still on its way', async () => {
    server.use(
      http.get(PATH, async () => {
        await delay('infinite');
        return answer([]);
      }),
    );
    renderPage(<Events />);
    expect(screen.getByText('Loading').closest('[role="status"]')).toBeInTheDocument();
  });
});
