import { act, screen, waitFor, within } from '@testing-library/react';
import { HttpResponse, http } from 'msw';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { hexExample } from '@/test/contract';
import { renderPage } from '@/test/render';
import { answer, problem, server } from '@/test/server';
import { countSeats } from '../model/counts';
import { LINES_MAX, openFeed } from '../stream/feed';
import { BoxOffice } from './BoxOffice';

const RESET = '/ticketing/reservation/api/internal/admin/reset';
const SECRET = 'the-credential';
const events = [
  { id: 1, title: 'Jazz', seatCount: 3, available: 1 },
  { id: 2, title: '<b>Bold</b>', seatCount: 100, available: 100 },
];

/** A feed that the test speaks through; jsdom has none. */
class FakeSource extends EventTarget {
  static readonly CLOSED = 2;
  static all: FakeSource[] = [];
  readyState = 1;
  onerror: (() => void) | null = null;
  readonly url: string;

  constructor(url: string) {
    super();
    this.url = url;
    FakeSource.all.push(this);
  }

  say(type: string, data: unknown, id = '') {
    const body = typeof data === 'string' ? data : JSON.stringify(data);
    this.dispatchEvent(new MessageEvent(type, { data: body, lastEventId: id }));
  }

  fail(readyState: number) {
    this.readyState = readyState;
    this.onerror?.();
  }

  close() {
    this.readyState = 2;
  }
}

let resets: unknown[] = [];

beforeEach(() => {
  FakeSource.all = [];
  resets = [];
  vi.stubGlobal('EventSource', FakeSource);
  server.use(
    http.options(RESET, () => new HttpResponse(null, { status: 204, headers: { Allow: 'POST, OPTIONS' } })),
    http.post(RESET, async ({ request }) => {
      if (request.headers.get('Authorization') !== `Bearer ${SECRET}`) return problem('CREDENTIAL_REQUIRED');
      const body = (await request.json()) as { eventId: number };
      if (body.eventId === 0) return problem('VALIDATION_FAILED');
      resets.push(body);
      return answer({ eventId: body.eventId, version: 9, traceId: '0'.repeat(32) });
    }),
  );
});

async function enter(credential = SECRET) {
  const page = renderPage(<BoxOffice events={events} />);
  await page.user.type(await screen.findByLabelText('Internal credential'), credential);
  await page.user.click(screen.getByRole('button', { name: 'Enter' }));
  return page;
}

describe('the box office', () => {
  it('is not at a public address', async () => {
    server.use(http.options(RESET, () => problem('NOT_FOUND')));
    renderPage(<BoxOffice events={events} />);
    expect(await screen.findByRole('heading', { name: 'Not at this address' })).toBeInTheDocument();
    expect(screen.queryByLabelText('Internal credential')).not.toBeInTheDocument();
  });

  it('stays shut for a credential that the office refuses', async () => {
    await enter('guess');
    expect(await screen.findByText(/The internal credential is not right/)).toBeInTheDocument();
    expect(screen.queryByRole('button', { name: /Put back/ })).not.toBeInTheDocument();
  });

  it('keeps the credential in memory only', async () => {
    await enter();
    await screen.findByRole('button', { name: /Put back/ });
    const kept =
      JSON.stringify({ ...localStorage }) + JSON.stringify({ ...sessionStorage }) + document.cookie;
    expect(kept).not.toContain(SECRET);
    expect(resets).toEqual([]);
  });

  it('shows the counts and follows the feed', async () => {
    await enter();
    const held = await screen.findByText('Held');
    await waitFor(() => expect(held.nextElementSibling).toHaveTextContent('1'));
    const [source] = FakeSource.all;
    expect(source?.url).toBe('/ticketing/catalog/api/events/1/seats/stream');
    act(() => {
      source?.say('INIT', { eventId: 1, version: 5 });
      source?.say('SEAT_UPDATE', { seatId: 4, status: 'HELD', version: 6 }, '6');
      source?.say('SEAT_UPDATE', { seatId: 4, status: 'FLOATING', version: 7 }, '7');
      source?.say('SEAT_UPDATE', 'not json', '8');
    });
    const rows = await waitFor(() => {
      const found = screen.getAllByRole('row').slice(1);
      expect(found).toHaveLength(2);
      return found;
    });
    expect(rows[0]).toHaveTextContent('4FLOATING7');
    expect(rows[1]).toHaveTextContent('4HELD6');
    expect(screen.getByText('Live')).toBeInTheDocument();
  });

  it('puts an event back only after asking', async () => {
    const { user } = await enter();
    await user.click(await screen.findByRole('button', { name: 'Put back to the beginning' }));
    const dialog = screen.getByRole('dialog', { name: 'Put this event back?' });
    await user.click(within(dialog).getByRole('button', { name: 'Leave it' }));
    expect(resets).toEqual([]);
    await user.click(screen.getByRole('button', { name: 'Put back to the beginning' }));
    await user.click(screen.getByRole('button', { name: 'Put it back' }));
    await waitFor(() => expect(resets).toEqual([{ eventId: 1 }]));
    await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
  });

  it('says in the dialog what went wrong', async () => {
    const { user } = await enter();
    await user.click(await screen.findByRole('button', { name: /<b>Bold<.b>/ }));
    server.use(http.post(RESET, () => problem('UNAVAILABLE')));
    await user.click(screen.getByRole('button', { name: 'Put back to the beginning' }));
    await user.click(screen.getByRole('button', { name: 'Put it back' }));
    expect(await within(screen.getByRole('dialog')).findByRole('alert')).toHaveTextContent(
      'The office cannot answer just now',
    );
  });

  it('asks for the credential again when it is no longer taken', async () => {
    const { user } = await enter();
    await user.click(await screen.findByRole('button', { name: 'Put back to the beginning' }));
    server.use(http.post(RESET, () => problem('CREDENTIAL_REQUIRED')));
    await user.click(screen.getByRole('button', { name: 'Put it back' }));
    expect(await screen.findByLabelText('Internal credential')).toHaveValue('');
  });
});

describe('the counts', () => {
  it('are read from the contract’s example', () => {
    const map = hexExample('application/vnd.onsale.seatmap');
    expect(countSeats(map.buffer)).toEqual({ available: 1, held: 1, sold: 1, blocked: 0 });
  });

  it.each([[[]], [[1, 2, 3]], [Array(16).fill(0)], [[...hexExample('application/vnd.onsale.seatmap'), 0]]])(
    'are nothing for bytes that are no map (%#)',
    (bytes) => expect(countSeats(new Uint8Array(bytes).buffer)).toBeUndefined(),
  );
});

describe('the feed', () => {
  it('is opened anew where it stopped, when the browser gave up', () => {
    vi.useFakeTimers();
    const feed = openFeed(1);
    const [first] = FakeSource.all;
    first?.say('SEAT_UPDATE', { seatId: 4, status: 'SOLD', version: 6 }, '6');
    first?.fail(0);
    vi.advanceTimersByTime(4000);
    expect(FakeSource.all).toHaveLength(1);
    first?.fail(2);
    vi.advanceTimersByTime(4000);
    expect(FakeSource.all[1]?.url).toBe('/ticketing/catalog/api/events/1/seats/stream?lastEventId=6');
    feed.close();
    vi.useRealTimers();
  });

  it('keeps the newest lines only, and shows a RESET', () => {
    vi.useFakeTimers();
    const feed = openFeed(1);
    const [source] = FakeSource.all;
    for (let version = 1; version <= LINES_MAX + 50; version++) {
      source?.say('SEAT_UPDATE', { seatId: 1, status: 'HELD', version }, String(version));
    }
    source?.say('RESET', { version: 999 }, '999');
    vi.advanceTimersByTime(300);
    expect(feed.view().lines).toHaveLength(LINES_MAX);
    expect(feed.view().lines[0]).toMatchObject({ version: 999, status: 'RESET', seatId: undefined });
    expect(feed.view().total).toBe(LINES_MAX + 51);
    feed.close();
    vi.useRealTimers();
  });
});
