// The viewer's end of an event's feed. It keeps one stream open and hands on what comes:
//
//   open(resume from `version`) → INIT → SEAT_UPDATE … → cut → wait → open again …
//                              ↘ RESET: read the map again, then go on
//                              ↘ 204: the sale is over; done for good
//
// It reads the stream with fetch instead of EventSource, for three reasons: EventSource does not tell
// 204 (never come back) from 503 (come back after Retry-After); it hides the heartbeat, so a dead
// connection looks like a quiet hall; and it makes a task of each change, where one read brings a whole
// frame of them (500 changes a second are 10 reads).
//
// Nothing here touches the seats or the page: `tell` gets what happened, `world` is time, chance and
// network, so each path has a test.

import { backoffMs, RETRY_MS } from './backoff';
import { type SseEvent, SseParser } from './sseParser';

export interface SeatChange {
  readonly seatId: number;
  readonly status: unknown;
  readonly version: number;
}

export type LiveState = 'connecting' | 'live' | 'waiting' | 'offline' | 'paused' | 'over';

export interface StreamTells {
  // The stream is open; every change after `version` follows.
  init(version: number): void;
  changes(batch: readonly SeatChange[]): void;
  // What was missed cannot be told; changes after `version` follow.
  reset(version: number): void;
  over(): void;
  state(state: LiveState): void;
  // Where to resume: the version that the page has.
  version(): number;
}

export interface StreamWorld {
  open(lastEventId: number, signal: AbortSignal): Promise<Response>;
  random(): number;
  after(ms: number, run: () => void): () => void;
  online(): boolean;
}

// Heartbeats come every 15 s; two may be lost.
export const SILENCE_MS = 40_000;
// A tab in the background is still told for a while (people look something up), then the office is
// spared: coming back resumes, or reads the map again.
export const HIDDEN_MS = 60_000;

export class StreamClient {
  private readonly tell: StreamTells;
  private readonly world: StreamWorld;
  private current: AbortController | undefined;
  private cancelTimer: (() => void) | undefined;
  private cancelSilence: (() => void) | undefined;
  private cancelHidden: (() => void) | undefined;
  private failures = 0;
  private retryMs = RETRY_MS;
  private stopped = true;
  private hidden = false;
  private over = false;
  private stateNow: LiveState = 'connecting';

  constructor(tell: StreamTells, world: StreamWorld) {
    this.tell = tell;
    this.world = world;
  }

  start(): void {
    if (!this.stopped || this.over) return;
    this.stopped = false;
    this.connect();
  }

  stop(): void {
    this.stopped = true;
    this.cancelHidden?.();
    this.close();
  }

  // The network came or went.
  networkChanged(): void {
    if (this.stopped || this.over) return;
    if (!this.world.online()) {
      this.close();
      this.say('offline');
    } else if (!this.current && !this.hidden) {
      this.failures = 0;
      this.connect();
    }
  }

  visibilityChanged(hidden: boolean): void {
    if (this.stopped || this.over) return;
    this.cancelHidden?.();
    this.cancelHidden = undefined;
    if (hidden) {
      this.cancelHidden = this.world.after(HIDDEN_MS, () => {
        this.hidden = true;
        this.close();
        this.say('paused');
      });
      return;
    }
    this.hidden = false;
    if (this.current) return;
    this.failures = 0;
    this.connect();
  }

  private say(state: LiveState): void {
    if (state === this.stateNow) return;
    this.stateNow = state;
    this.tell.state(state);
  }

  private close(): void {
    this.cancelTimer?.();
    this.cancelSilence?.();
    this.cancelTimer = undefined;
    this.cancelSilence = undefined;
    this.current?.abort();
    this.current = undefined;
  }

  private connect(): void {
    this.close();
    if (this.stopped || this.over || this.hidden) return;
    if (!this.world.online()) {
      this.say('offline');
      return;
    }
    const controller = new AbortController();
    this.current = controller;
    this.say(this.failures === 0 ? 'connecting' : 'waiting');
    this.read(controller).then(
      (retryAfterMs) => this.ended(controller, retryAfterMs),
      () => this.ended(controller, undefined),
    );
  }

  private ended(controller: AbortController, retryAfterMs: number | undefined): void {
    if (this.current !== controller) return; // closed by us
    this.close();
    if (this.stopped || this.over) return;
    this.say(this.world.online() ? 'waiting' : 'offline');
    const wait = backoffMs(this.failures, this.retryMs, retryAfterMs, this.world.random);
    ++this.failures;
    this.cancelTimer = this.world.after(wait, () => this.connect());
  }

  private watchSilence(controller: AbortController): void {
    this.cancelSilence?.();
    this.cancelSilence = this.world.after(SILENCE_MS, () => {
      if (this.current === controller) this.ended(controller, undefined);
    });
  }

  // Until the stream ends; tells what Retry-After said.
  private async read(controller: AbortController): Promise<number | undefined> {
    this.watchSilence(controller);
    const response = await this.world.open(this.tell.version(), controller.signal);
    const mine = () => this.current === controller;
    if (!mine()) return undefined;
    if (response.status === 204) {
      this.over = true;
      this.close();
      this.say('over');
      this.tell.over();
      return undefined;
    }
    const type = response.headers.get('Content-Type') ?? '';
    if (response.status !== 200 || !response.body || !type.startsWith('text/event-stream')) {
      controller.abort();
      return retryAfterOf(response);
    }
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    const parser = new SseParser();
    for (;;) {
      const { done, value } = await reader.read();
      if (!mine()) return undefined;
      if (done) return undefined;
      this.watchSilence(controller);
      const events = parser.push(decoder.decode(value, { stream: true }));
      if (parser.retryMs !== undefined) this.retryMs = parser.retryMs;
      this.handle(events);
      if (!mine()) return undefined;
    }
  }

  private handle(events: readonly SseEvent[]): void {
    let batch: SeatChange[] = [];
    const flush = () => {
      if (batch.length > 0) this.tell.changes(batch);
      batch = [];
    };
    for (const { event, data } of events) {
      const body = parseObject(data);
      if (!body) continue;
      if (event === 'SEAT_UPDATE') {
        const { seatId, status, version } = body;
        if (typeof seatId !== 'number' || typeof version !== 'number') continue;
        batch.push({ seatId, status, version });
        continue;
      }
      flush();
      if (typeof body.version !== 'number') continue;
      if (event === 'INIT') {
        this.failures = 0;
        this.say('live');
        this.tell.init(body.version);
      } else if (event === 'RESET') {
        this.failures = 0;
        this.say('live');
        this.tell.reset(body.version);
      }
    }
    flush();
  }
}

function retryAfterOf(response: Response): number | undefined {
  const told = Number(response.headers.get('Retry-After') ?? Number.NaN);
  return Number.isFinite(told) && told >= 0 ? Math.min(told, 3600) * 1000 : undefined;
}

function parseObject(data: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
