import { afterEach, describe, expect, it, vi } from 'vitest';
import { ok, type Result, refused } from '@/lib/result';
import { HallSession, type HallWorld } from './hallSession';
import { readLayoutBytes } from './model/readLayoutBytes';
import { deltaBytes, layoutOf, mapBytes } from './model/testPlan';

const HASH = '0123456789abcdef';
const sessions: HallSession[] = [];
afterEach(() => {
  for (const session of sessions.splice(0)) session.stop();
});

const layoutAnswer = (layout: unknown) =>
  ok({ bytes: new TextEncoder().encode(JSON.stringify(layout)).buffer, traceId: 'ab12' });

// An office whose feed the test writes into.
function office(more: Partial<HallWorld> = {}, mapVersion = 5) {
  let feed: ReadableStreamDefaultController<Uint8Array> | undefined;
  const asked: string[] = [];
  const world: HallWorld = {
    getLayout: async (_, hash) => {
      asked.push(`layout ${hash}`);
      return layoutAnswer(layoutOf(2, 3));
    },
    openPlanReader: () => ({ read: async (bytes) => readLayoutBytes(bytes), close: () => undefined }),
    getSeatMap: async (_, since) => {
      asked.push(`map ${since}`);
      return ok(mapBytes([0, 0, 0, 0, 0, 0], mapVersion));
    },
    getSeatIds: async () => {
      asked.push('ids');
      return ok([1, 2, 3, 4, 5, 6]);
    },
    streamSeats: async (_, lastEventId) => {
      asked.push(`stream ${lastEventId}`);
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          feed = controller;
        },
      });
      return new Response(body, { headers: { 'Content-Type': 'text/event-stream' } });
    },
    rememberedHash: () => undefined,
    rememberHash: () => undefined,
    random: () => 0,
    after: (_, run) => {
      const timer = setTimeout(run, 60_000);
      return () => clearTimeout(timer);
    },
    online: () => true,
    ...more,
  };
  const session = new HallSession(1, world);
  sessions.push(session);
  const say = async (event: string, data: unknown) => {
    feed?.enqueue(new TextEncoder().encode(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`));
    await settle();
  };
  return { session, asked, say };
}

async function settle() {
  for (let i = 0; i < 4; ++i) await new Promise((resolve) => setTimeout(resolve, 0));
}
async function ready(more: Partial<HallWorld> = {}, mapVersion = 5) {
  const it = office(more, mapVersion);
  it.session.start();
  await settle();
  return it;
}
const update = (seatId: number, status: string, version: number) => ({ seatId, status, version });

describe('a hall', () => {
  it('asks for plan and map at once and resumes the feed from the map', async () => {
    const { session, asked } = await ready();
    expect(asked).toEqual(['layout undefined', 'map undefined', 'stream 5']);
    expect(session.getState().status).toBe('ready');
    expect(session.getState().hall?.counts().available).toBe(6);
  });

  it('asks for the plan with the hash that this browser saw last', async () => {
    const { asked } = await ready({ rememberedHash: () => HASH });
    expect(asked[0]).toBe(`layout ${HASH}`);
  });

  it('follows the feed', async () => {
    const { session, say } = await ready();
    await say('INIT', { eventId: 1, version: 5 });
    await say('SEAT_UPDATE', update(2, 'HELD', 6));
    await say('SEAT_UPDATE', update(2, 'SOLD', 7));
    expect(session.getState().hall?.statusOf(2)).toBe('SOLD');
    expect(session.getState().store?.version).toBe(7);
    expect(session.getState().live).toBe('live');
  });

  it('does not go back to what it knows already', async () => {
    const { session, say } = await ready({}, 9);
    await say('INIT', { version: 9 });
    await say('SEAT_UPDATE', update(2, 'HELD', 8));
    expect(session.getState().hall?.statusOf(2)).toBe('AVAILABLE');
  });

  it('reads what lies between when the feed begins ahead of the map', async () => {
    const getSeatMap = vi.fn<HallWorld['getSeatMap']>(async (_, since) =>
      ok(since === undefined ? mapBytes([0, 0, 0, 0, 0, 0], 5) : deltaBytes(5, 8, [[3, 2]])),
    );
    const { session, say } = await ready({ getSeatMap });
    await say('INIT', { version: 8 });
    expect(getSeatMap.mock.calls.at(-1)?.[1]).toBe(5);
    expect(session.getState().hall?.statusOf(4)).toBe('SOLD');
    expect(session.getState().store?.version).toBe(8);
  });

  it('reads the whole map after a RESET, and keeps what came meanwhile', async () => {
    let answer: (map: Result<ArrayBuffer>) => void = () => undefined;
    let reads = 0;
    const { session, say } = await ready({
      getSeatMap: () => {
        if (reads++ === 0) return Promise.resolve(ok(mapBytes([0, 0, 0, 0, 0, 0], 500)));
        return new Promise((resolve) => {
          answer = resolve;
        });
      },
    });
    await say('INIT', { version: 500 });
    await say('RESET', { version: 10 }); // a new epoch: its versions are smaller
    await say('SEAT_UPDATE', update(1, 'HELD', 11));
    await say('SEAT_UPDATE', update(2, 'SOLD', 12));
    answer(ok(mapBytes([0, 0, 3, 0, 0, 0], 11)));
    await settle();
    const { hall, store } = session.getState();
    expect(hall?.statusOf(1)).toBe('AVAILABLE'); // version 11 is in the map already
    expect(hall?.statusOf(2)).toBe('SOLD');
    expect(hall?.statusOf(3)).toBe('BLOCKED');
    expect(store?.version).toBe(12);
  });

  it('shows an unknown status as not for sale, names unknown seats, and goes on', async () => {
    const { session, say } = await ready();
    await say('INIT', { version: 5 });
    await say('SEAT_UPDATE', update(1, 'LEVITATING', 6));
    await say('SEAT_UPDATE', update(404, 'HELD', 7));
    await say('SEAT_UPDATE', update(2, 'HELD', 8));
    expect(session.getState().hall?.statusOf(1)).toBe('BLOCKED');
    expect(session.getState().hall?.statusOf(2)).toBe('HELD');
    expect(session.getState().faults).toEqual([
      { kind: 'unknownSeats', count: 1 },
      { kind: 'unknownStatuses', count: 1 },
    ]);
  });

  it('asks which seat is which when the map has more than the plan', async () => {
    const { session, asked } = await ready({
      getSeatMap: async () => ok(mapBytes([2, 0, 0, 0, 0, 0, 1], 5)),
      getSeatIds: async () => ok([77, 1, 2, 3, 4, 5, 6]),
    });
    expect(asked).not.toContain('ids');
    expect(session.getState().hall?.statusOf(1)).toBe('AVAILABLE');
    expect(session.getState().hall?.statusOf(6)).toBe('HELD');
    expect(session.getState().faults).toEqual([]);
  });

  it('says so when map and plan do not fit', async () => {
    const { session } = await ready({ getSeatMap: async () => ok(mapBytes([0, 0], 5)) });
    expect(session.getState().faults).toEqual([{ kind: 'mapAndPlanDiffer', count: 1 }]);
    expect(session.getState().hall?.counts()).toMatchObject({ available: 2, blocked: 4 });
  });

  it.each([
    ['a layout that is none', { getLayout: async () => layoutAnswer('<html>') }],
    ['a map that is none', { getSeatMap: async () => ok(new ArrayBuffer(3)) }],
  ] as [string, Partial<HallWorld>][])(
    'fails in words with %s, and can be tried again',
    async (_, broken) => {
      const { session } = await ready(broken);
      expect(session.getState()).toMatchObject({ status: 'failed', problem: { code: 'BAD_ANSWER' } });
      Object.assign((session as unknown as { world: HallWorld }).world, {
        getLayout: async () => layoutAnswer(layoutOf(2, 3)),
        getSeatMap: async () => ok(mapBytes([0, 0, 0, 0, 0, 0], 5)),
      });
      session.retry();
      await settle();
      expect(session.getState().status).toBe('ready');
    },
  );

  it('hands the office’s refusal on', async () => {
    const problem = { code: 'EVENT_NOT_FOUND', status: 404, message: 'no', traceId: 'ab' };
    const { session } = await ready({ getLayout: async () => refused(problem) });
    expect(session.getState()).toMatchObject({ status: 'failed', problem });
  });

  it('is over when the feed says so, and stays on the screen', async () => {
    const { session } = await ready({ streamSeats: async () => new Response(null, { status: 204 }) });
    expect(session.getState()).toMatchObject({ status: 'over', live: 'over' });
    expect(session.getState().hall?.counts().available).toBe(6);
  });

  it('reads the plan again when the event has another', async () => {
    const { session, asked } = await ready();
    session.describe(HASH, 'KRW');
    await settle();
    expect(asked.filter((each) => each.startsWith('layout'))).toHaveLength(1);
    session.describe('fedcba9876543210', 'KRW');
    await settle();
    expect(asked).toContain('layout fedcba9876543210');
  });

  it('holds no more memory after a hundred thousand changes than after one', async () => {
    const { session, say } = await ready();
    await say('INIT', { version: 5 });
    const { store } = session.getState();
    const before = Object.keys(store ?? {}).length;
    const changes = (session as unknown as { changes(batch: unknown): void }).changes.bind(session);
    for (let i = 0; i < 1000; ++i) {
      changes(
        Array.from({ length: 100 }, (_, c) =>
          update(1 + (c % 9), ['HELD', 'AVAILABLE', 'SOLD', '??'][i % 4] ?? '', 6 + i * 100 + c),
        ),
      );
    }
    expect(Object.keys(store ?? {}).length).toBe(before);
    expect(session.getState().faults.find((fault) => fault.kind === 'unknownSeats')?.count).toBe(3);
    const { available = 0, held = 0, sold = 0, blocked = 0 } = store?.counts() ?? {};
    expect(available + held + sold + blocked).toBe(6);
  });
});
