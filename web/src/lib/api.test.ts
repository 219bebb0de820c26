import { HttpResponse, http } from 'msw';
import { describe, expect, it, vi } from 'vitest';
import { answer, problem, server, TRACE_ID } from '@/test/server';
import { api, ask, askAgain, pauseMs } from './api';
import { connection } from './online';
import type { Problem } from './problem';
import { ok, refused } from './result';
import { integer, listOf, record } from './shape';

const EVENTS = '/ticketing/catalog/api/events';
const list = () => ask(api.GET(EVENTS), listOf(record({ id: integer })));

async function problemFrom(call: ReturnType<typeof list>): Promise<Problem> {
  const result = await call;
  if (result.ok) throw new Error('There was no problem.');
  return result.problem;
}

describe('ask', () => {
  it('tells an answer that keeps the contract', async () => {
    expect(await list()).toMatchObject({ ok: true, value: [{ id: 1 }] });
  });

  it('tells a refusal as a value, with its code, its Trace-Id and the refused seats', async () => {
    server.use(http.get(EVENTS, () => problem('RESERVATION_CONFLICT')));
    expect(await problemFrom(list())).toMatchObject({
      code: 'RESERVATION_CONFLICT',
      status: 409,
      traceId: TRACE_ID,
      seats: [{ seatId: 7, status: 'HELD' }],
    });
  });

  it('keeps the fields that were not valid', async () => {
    server.use(http.get(EVENTS, () => problem('VALIDATION_FAILED')));
    expect((await problemFrom(list())).errors?.[0]?.pointer).toBe('/seatIds/0');
  });

  it('keeps Retry-After', async () => {
    server.use(http.get(EVENTS, () => problem('TOO_MANY_REQUESTS')));
    expect(await problemFrom(list())).toMatchObject({ status: 429, retryAfterMs: 1000 });
  });

  it('says so when the answer breaks the contract, and where', async () => {
    server.use(http.get(EVENTS, () => answer([{ id: 1 }, { id: 'two' }])));
    expect(await problemFrom(list())).toEqual({
      code: 'BAD_ANSWER',
      status: 200,
      message: 'answer[1].id is no whole number',
      traceId: TRACE_ID,
    });
  });

  it.each(['', '{"id":', 'not json at all', '<!doctype html><title>Login</title>'])(
    'says so when the answer is no JSON: %j',
    async (body) => {
      server.use(
        http.get(
          EVENTS,
          () =>
            new HttpResponse(body, { headers: { 'Content-Type': 'application/json', 'Trace-Id': TRACE_ID } }),
        ),
      );
      expect(await problemFrom(list())).toMatchObject({ code: 'BAD_ANSWER', traceId: TRACE_ID });
    },
  );

  it('takes a page where an answer should be as no answer of the office', async () => {
    server.use(http.get(EVENTS, () => HttpResponse.html('<h1>Welcome to the hotel</h1>')));
    expect((await problemFrom(list())).code).toBe('BAD_ANSWER');
  });

  it('takes a proxy’s 502 as the office being away', async () => {
    server.use(http.get(EVENTS, () => HttpResponse.html('<h1>502 Bad Gateway</h1>', { status: 502 })));
    expect(await problemFrom(list())).toMatchObject({ code: 'UNAVAILABLE', status: 502 });
  });

  it('takes an error without a problem body as a bad answer', async () => {
    server.use(http.get(EVENTS, () => HttpResponse.json({ oops: true }, { status: 400 })));
    expect(await problemFrom(list())).toMatchObject({ code: 'BAD_ANSWER', status: 400 });
  });

  it('keeps a code that this page does not know, with the office’s words', async () => {
    server.use(
      http.get(EVENTS, () => problem('NOT_ON_SALE', { code: 'BRAND_NEW', message: 'Newer than you.' })),
    );
    expect(await problemFrom(list())).toMatchObject({ code: 'BRAND_NEW', message: 'Newer than you.' });
  });

  it('leaves out refused seats whose status it cannot read', async () => {
    const seats = [
      { seatId: 1, status: 'HELD' },
      { seatId: 2, status: 'FLOATING' },
      { seatId: 'x', status: 'SOLD' },
      null,
    ];
    server.use(http.get(EVENTS, () => problem('SEAT_SOLD', { seats })));
    expect((await problemFrom(list())).seats).toEqual([{ seatId: 1, status: 'HELD' }]);
  });

  it('is NETWORK when nothing came, and the page knows that it is cut off until something comes', async () => {
    server.use(http.get(EVENTS, () => HttpResponse.error()));
    expect((await problemFrom(list())).code).toBe('NETWORK');
    expect(connection()).toBe('unreachable');
    server.resetHandlers();
    await list();
    expect(connection()).toBe('online');
  });

  it('does not take a call that was given up as being cut off', async () => {
    const given = new AbortController();
    given.abort();
    await ask(api.GET(EVENTS, { signal: given.signal }));
    expect(connection()).toBe('online');
  });
});

describe('askAgain', () => {
  const busy: Problem = { code: 'UNAVAILABLE', status: 503, message: '', traceId: '', retryAfterMs: 2000 };
  const decided: Problem = { code: 'SEAT_SOLD', status: 409, message: '', traceId: '' };

  it('repeats while the office is busy, and never sooner than it asked for', async () => {
    const pauses: number[] = [];
    const fn = vi
      .fn()
      .mockResolvedValueOnce(refused(busy))
      .mockResolvedValueOnce(refused(busy))
      .mockResolvedValue(ok(7));
    const wait = async (ms: number) => void pauses.push(ms);
    expect(await askAgain(fn, { wait })).toEqual(ok(7));
    expect(pauses).toHaveLength(2);
    for (const pause of pauses) {
      expect(pause).toBeGreaterThanOrEqual(2000);
      expect(pause).toBeLessThanOrEqual(3000);
    }
  });

  it('takes a decision as it is', async () => {
    const fn = vi.fn().mockResolvedValue(refused(decided));
    await askAgain(fn, { wait: async () => {} });
    expect(fn).toHaveBeenCalledTimes(1);
  });

  it('gives up after its tries and tells the last problem', async () => {
    const fn = vi.fn().mockResolvedValue(refused(busy));
    expect(await askAgain(fn, { tries: 3, wait: async () => {} })).toEqual(refused(busy));
    expect(fn).toHaveBeenCalledTimes(3);
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    const fn = vi.fn().mockResolvedValue(refused(busy));
    await askAgain(fn, { signal: stop.signal, wait: async () => stop.abort() });
    expect(fn).toHaveBeenCalledTimes(1);
  });

  it('spreads a crowd that was told the same second', () => {
    const pauses = new Set(Array.from({ length: 50 }, () => pauseMs(1, busy)));
    expect(pauses.size).toBeGreaterThan(40);
  });

  it('waits longer each time when nothing was said, up to a bound', () => {
    expect(pauseMs(1)).toBeLessThanOrEqual(400);
    expect(pauseMs(3)).toBeGreaterThanOrEqual(800);
    expect(pauseMs(40)).toBeLessThanOrEqual(20_000);
  });
});
