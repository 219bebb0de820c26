import { describe, expect, it, vi } from 'vitest';
import { streamExample } from '@/test/contract';
import { backoffMs, RETRY_MS_MAX } from './backoff';
import { SseParser } from './sseParser';
import { HIDDEN_MS, type LiveState, SILENCE_MS, StreamClient } from './streamClient';

describe('Server-Sent Events', () => {
  it('of the contract are read, however they are cut', () => {
    const text = `${streamExample().trimEnd()}\n\n`;
    const whole = new SseParser().push(text);
    expect(whole.map((event) => event.event)).toEqual(['INIT', 'SEAT_UPDATE', 'SEAT_UPDATE']);
    for (let cut = 1; cut < text.length; cut += 3) {
      const parser = new SseParser();
      expect([...parser.push(text.slice(0, cut)), ...parser.push(text.slice(cut))]).toEqual(whole);
      expect(parser.retryMs).toBe(2417);
    }
  });

  it('may end their lines in any way, begin with a BOM, and carry comments', () => {
    const parser = new SseParser();
    expect(parser.push('\ufeff: hello\r\ndata: a\r\ndata:b\r\n\r\ndata: c\r\r')).toEqual([
      { id: undefined, event: 'message', data: 'a\nb' },
    ]);
    expect(parser.push('\n')).toEqual([{ id: undefined, event: 'message', data: 'c' }]);
  });

  it('without an end do not eat the memory', () => {
    const parser = new SseParser();
    for (let i = 0; i < 40; ++i) parser.push('x'.repeat(100_000));
    expect(parser.push('\n\ndata: y\n\n')).toHaveLength(1);
  });
});

describe('waiting', () => {
  it('doubles up to a bound and is spread', () => {
    expect(backoffMs(0, 2000, undefined, () => 0)).toBe(500);
    expect(backoffMs(0, 2000, undefined, () => 1)).toBe(2000);
    expect(backoffMs(30, 2000, undefined, () => 1)).toBe(RETRY_MS_MAX);
  });
  it('is never shorter than Retry-After', () => {
    expect(backoffMs(0, 2000, 7000, () => 0)).toBe(7000);
    expect(backoffMs(0, 2000, 7000, () => 0.999)).toBeLessThan(10_500);
  });
});

// A world with its own time; the office answers what the test says.
class Office {
  readonly asked: number[] = [];
  readonly told: string[] = [];
  readonly states: LiveState[] = [];
  version = 5;
  now = 0;
  isOnline = true;
  private timers: { at: number; run: () => void }[] = [];
  private readonly answers: (() => Response | Promise<Response>)[] = [];
  readonly client = new StreamClient(
    {
      init: (version) => this.told.push(`init ${version}`),
      changes: (batch) => {
        this.told.push(`changes ${batch.map((change) => change.seatId).join(' ')}`);
        this.version = batch.at(-1)?.version ?? this.version;
      },
      reset: (version) => this.told.push(`reset ${version}`),
      over: () => this.told.push('over'),
      state: (state) => this.states.push(state),
      version: () => this.version,
    },
    {
      open: async (lastEventId) => {
        this.asked.push(lastEventId);
        const answer = this.answers.shift();
        if (!answer) return new Promise<Response>(() => undefined);
        return answer();
      },
      random: () => 1,
      after: (ms, run) => {
        const timer = { at: this.now + ms, run };
        this.timers.push(timer);
        return () => {
          this.timers = this.timers.filter((each) => each !== timer);
        };
      },
      online: () => this.isOnline,
    },
  );

  answer(...answers: (() => Response | Promise<Response>)[]): void {
    this.answers.push(...answers);
  }
  async settle(): Promise<void> {
    for (let i = 0; i < 20; ++i) await Promise.resolve();
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  async pass(ms: number): Promise<void> {
    const until = this.now + ms;
    await this.settle();
    for (;;) {
      const next = this.timers.filter((timer) => timer.at <= until).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.now = next.at;
      this.timers = this.timers.filter((timer) => timer !== next);
      next.run();
      await this.settle();
    }
    this.now = until;
  }
}

const stream =
  (text: string, stays = false) =>
  () =>
    new Response(
      new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode(text));
          if (!stays) controller.close();
        },
      }),
      { headers: { 'Content-Type': 'text/event-stream' } },
    );
const init = (version: number) => `id: ${version}\nevent: INIT\ndata: {"eventId":1,"version":${version}}\n\n`;
const update = (seatId: number, version: number) =>
  `id: ${version}\nevent: SEAT_UPDATE\ndata: {"seatId":${seatId},"status":"HELD","version":${version}}\n\n`;

describe('the viewer’s end of the feed', () => {
  it('resumes from the version that the page has, and hands changes on by batches', async () => {
    const office = new Office();
    office.answer(stream(init(5) + update(1, 6) + update(2, 7), true));
    office.client.start();
    await office.settle();
    expect(office.asked).toEqual([5]);
    expect(office.told).toEqual(['init 5', 'changes 1 2']);
    expect(office.states).toEqual(['live']);
  });

  it('comes back after a cut, from where it was', async () => {
    const office = new Office();
    office.answer(stream(init(5) + update(1, 6)), stream(init(6), true));
    office.client.start();
    await office.pass(30_000);
    expect(office.asked).toEqual([5, 6]);
    expect(office.states).toEqual(['live', 'waiting', 'live']);
  });

  it('tells a RESET between the changes, in order', async () => {
    const office = new Office();
    office.answer(
      stream(`${init(5)}${update(1, 6)}event: RESET\ndata: {"version":90}\n\n${update(3, 91)}`, true),
    );
    office.client.start();
    await office.settle();
    expect(office.told).toEqual(['init 5', 'changes 1', 'reset 90', 'changes 3']);
  });

  it('never comes back after 204', async () => {
    const office = new Office();
    office.answer(() => new Response(null, { status: 204 }));
    office.client.start();
    await office.pass(3_600_000);
    office.client.networkChanged();
    office.client.visibilityChanged(false);
    expect(office.asked).toHaveLength(1);
    expect(office.told).toEqual(['over']);
  });

  it('waits as long as Retry-After says when the office is full', async () => {
    const office = new Office();
    office.answer(() => new Response('{}', { status: 503, headers: { 'Retry-After': '20' } }));
    office.client.start();
    await office.pass(19_000);
    expect(office.asked).toHaveLength(1);
    await office.pass(12_000);
    expect(office.asked).toHaveLength(2);
  });

  it('takes silence for a dead connection', async () => {
    const office = new Office();
    office.answer(stream(init(5), true), stream(init(5), true));
    office.client.start();
    await office.pass(SILENCE_MS - 1);
    expect(office.asked).toHaveLength(1);
    await office.pass(10_000);
    expect(office.asked).toHaveLength(2);
  });

  it('waits longer each time, but not for ever', async () => {
    const office = new Office();
    const refused = () => Promise.reject(new TypeError('network'));
    office.answer(...Array.from({ length: 50 }, () => refused));
    office.client.start();
    await office.pass(60_000);
    const first = office.asked.length;
    await office.pass(3_600_000);
    expect(first).toBeLessThan(8);
    expect(office.asked.length).toBeGreaterThan(40);
  });

  it('rests while offline and comes back at once', async () => {
    const office = new Office();
    office.answer(stream(init(5), true), stream(init(5), true));
    office.client.start();
    await office.settle();
    office.isOnline = false;
    office.client.networkChanged();
    await office.pass(600_000);
    expect(office.asked).toHaveLength(1);
    office.isOnline = true;
    office.client.networkChanged();
    await office.settle();
    expect(office.asked).toHaveLength(2);
    expect(office.states).toEqual(['live', 'offline', 'connecting', 'live']);
  });

  it('lets go after a while in the background, and not at once', async () => {
    const office = new Office();
    office.answer(stream(`${init(5)}: \n\n`, true), stream(init(5), true));
    office.client.start();
    await office.settle();
    office.client.visibilityChanged(true);
    await office.pass(1000);
    office.client.visibilityChanged(false);
    await office.pass(1000);
    expect(office.asked).toHaveLength(1);
    office.client.visibilityChanged(true);
    await office.pass(HIDDEN_MS + 600_000);
    const resting = office.asked.length;
    office.client.visibilityChanged(false);
    await office.settle();
    expect(office.asked).toHaveLength(resting + 1);
  });

  it('passes over events that it cannot read', async () => {
    const office = new Office();
    office.answer(
      stream(
        `${init(5)}event: SEAT_UPDATE\ndata: {nonsense\n\nevent: NEWS\ndata: {"version":1}\n\n${update(4, 6)}`,
        true,
      ),
    );
    office.client.start();
    await office.settle();
    expect(office.told).toEqual(['init 5', 'changes 4']);
  });

  it('does nothing once it was stopped', async () => {
    const office = new Office();
    const run = vi.fn();
    office.answer(stream(init(5)));
    office.client.start();
    office.client.stop();
    await office.pass(3_600_000);
    expect(office.asked).toHaveLength(1);
    expect(run).not.toHaveBeenCalled();
  });
});
