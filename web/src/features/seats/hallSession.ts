// One event's hall, alive: plan and map are asked for at the same time, the stream resumes from the
// map's version, so nothing is lost in between and nothing waits for anything it does not need.
//
//   layout ─→ plan ─┐
//                   ├→ store ─→ ready ─→ stream(from the map's version) ─→ changes …
//   map ────────────┘                        RESET or a jump: read the map (or its delta) again
//
// Versions decide: a change at or below what the store has is old. A RESET starts anew, because the
// feed may have begun a new epoch. While the map is being read again, changes wait.

import { askAgain } from '@/lib/api';
import type { Problem } from '@/lib/problem';
import type { Result } from '@/lib/result';
import type { LayoutAnswer } from './api/getLayout';
import { type Hall, makeHall } from './model/hall';
import type { Fault, HallPlan } from './model/plan';
import { readSeatMap, statusCode } from './model/seatMapCodec';
import { SeatStore } from './model/seatStore';
import type { PlanReader } from './planReader';
import { type LiveState, type SeatChange, StreamClient } from './stream/streamClient';

export interface HallState {
  readonly status: 'loading' | 'ready' | 'failed' | 'over';
  readonly live: LiveState;
  readonly problem: Problem | undefined;
  readonly hall: Hall | undefined;
  readonly store: SeatStore | undefined;
  readonly faults: readonly Fault[];
}

export interface HallWorld {
  getLayout(eventId: number, hash: string | undefined, signal: AbortSignal): Promise<Result<LayoutAnswer>>;
  getSeatMap(eventId: number, since: number | undefined, signal: AbortSignal): Promise<Result<ArrayBuffer>>;
  getSeatIds(eventId: number, signal: AbortSignal): Promise<Result<number[]>>;
  streamSeats(eventId: number, lastEventId: number, signal: AbortSignal): Promise<Response>;
  openPlanReader(): PlanReader;
  rememberedHash(eventId: number): string | undefined;
  rememberHash(eventId: number, hash: string): void;
  random(): number;
  after(ms: number, run: () => void): () => void;
  online(): boolean;
}

// Changes that come while the map is read again. More than this means the map is stale anyway.
const WAITING_MAX = 50_000;
// Between two readings of the map when the feed keeps jumping.
const REREAD_MS = 1_000;

export class HallSession {
  readonly eventId: number;
  private readonly world: HallWorld;
  private readonly stream: StreamClient;
  private readonly listeners = new Set<() => void>();
  private currency = '';
  private hash: string | undefined;
  private controller = new AbortController();
  private waiting: SeatChange[] | undefined; // not undefined: the map is being read again
  private again = false;
  private cancelReread: (() => void) | undefined;
  private unknownSeats = new Set<number>();
  private unknownStatuses = 0;
  private started = false;
  private state: HallState = {
    status: 'loading',
    live: 'connecting',
    problem: undefined,
    hall: undefined,
    store: undefined,
    faults: [],
  };

  constructor(eventId: number, world: HallWorld) {
    this.eventId = eventId;
    this.world = world;
    this.stream = new StreamClient(
      {
        init: (version) => this.init(version),
        changes: (batch) => this.changes(batch),
        reset: () => this.reread(true),
        over: () => this.set({ status: 'over' }),
        state: (live) => this.set({ live }),
        version: () => this.state.store?.version ?? 0,
      },
      {
        open: (lastEventId, signal) => world.streamSeats(eventId, lastEventId, signal),
        random: world.random,
        after: world.after,
        online: world.online,
      },
    );
  }

  getState = (): HallState => this.state;

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  // The event's own answer may come after the plan (both are asked for at once): then only a hash that
  // differs matters.
  describe(layoutHash: string | undefined, currency: string | undefined): void {
    if (currency !== undefined) this.currency = currency;
    if (layoutHash === undefined || layoutHash === this.hash) return;
    const had = this.hash;
    this.hash = layoutHash;
    this.world.rememberHash(this.eventId, layoutHash);
    const { hall, status } = this.state;
    if (!this.started || (had === undefined && !hall)) return;
    if (hall?.layoutHash !== layoutHash && status !== 'loading') this.retry();
  }

  start(): void {
    if (this.started) return;
    this.started = true;
    void this.load();
  }

  stop(): void {
    this.started = false;
    this.controller.abort();
    this.cancelReread?.();
    this.stream.stop();
    this.waiting = undefined;
  }

  retry(): void {
    this.stop();
    this.started = true;
    void this.load();
  }

  networkChanged(): void {
    this.stream.networkChanged();
    if (this.world.online() && this.state.status === 'failed') this.retry();
  }
  visibilityChanged(hidden: boolean): void {
    this.stream.visibilityChanged(hidden);
  }

  private set(change: Partial<HallState>): void {
    this.state = { ...this.state, ...change };
    for (const listener of this.listeners) listener();
  }

  private fail(problem: Problem): void {
    // A hall that was shown stays on the screen; only its liveness is lost.
    if (this.state.hall) this.set({ problem });
    else this.set({ status: 'failed', problem });
  }

  private async load(): Promise<void> {
    this.controller = new AbortController();
    const reader = this.world.openPlanReader();
    try {
      await this.loadWith(reader, this.controller.signal);
    } finally {
      reader.close();
    }
  }

  private async loadWith(reader: PlanReader, signal: AbortSignal): Promise<void> {
    const { eventId, world } = this;
    if (!this.state.hall) this.set({ status: 'loading', problem: undefined });
    const hash = this.hash ?? world.rememberedHash(eventId);
    const [layout, map] = await Promise.all([
      askAgain(() => world.getLayout(eventId, hash, signal), { signal }),
      askAgain(() => world.getSeatMap(eventId, undefined, signal), { signal }),
    ]);
    if (signal.aborted) return;
    if (!layout.ok) return this.fail(layout.problem);
    if (!map.ok) return this.fail(map.problem);
    const read = await reader.read(layout.value.bytes, layout.value.made);
    if (signal.aborted) return;
    if (!read.ok) return this.fail(badAnswer(`layout: ${read.fault}`, layout.value.traceId));
    const seats = readSeatMap(map.value);
    if (seats.kind !== 'map') {
      return this.fail(badAnswer(seats.kind === 'bad' ? seats.why : 'a delta that was not asked for'));
    }
    const plan = read.plan;
    if (plan.hash) world.rememberHash(eventId, plan.hash);
    let mapIds: number[] | undefined;
    let differ = false;
    if (seats.statuses.length > plan.count && plan.count > 0) {
      const ids = await askAgain(() => world.getSeatIds(eventId, signal), { signal });
      if (signal.aborted) return;
      if (ids.ok) mapIds = ids.value;
      else differ = true;
    } else if (seats.statuses.length < plan.count) {
      differ = true;
    }
    const store = new SeatStore(plan, mapIds);
    store.replace(seats.statuses, seats.version);
    this.unknownSeats = new Set();
    this.unknownStatuses = 0;
    this.waiting = undefined;
    const faults = this.faultsOf(plan, differ);
    this.set({
      status: this.state.status === 'over' ? 'over' : 'ready',
      problem: undefined,
      store,
      faults,
      hall: makeHall(
        store,
        () => this.currency,
        () => this.state.faults,
      ),
    });
    this.stream.start();
  }

  private faultsOf(plan: HallPlan, differ: boolean): Fault[] {
    const faults = [...plan.faults];
    if (differ) faults.push({ kind: 'mapAndPlanDiffer', count: 1 });
    if (this.unknownSeats.size > 0) faults.push({ kind: 'unknownSeats', count: this.unknownSeats.size });
    if (this.unknownStatuses > 0) faults.push({ kind: 'unknownStatuses', count: this.unknownStatuses });
    return faults;
  }

  // Where the stream begins. Ahead of what was asked for: something lies between.
  private init(version: number): void {
    const { store } = this.state;
    if (store && version > store.version) this.reread(false);
  }

  private changes(batch: readonly SeatChange[]): void {
    if (this.waiting) {
      if (this.waiting.length + batch.length > WAITING_MAX) this.again = true;
      else this.waiting.push(...batch);
      return;
    }
    this.apply(batch);
  }

  private apply(batch: readonly SeatChange[]): void {
    const { store } = this.state;
    if (!store) return;
    let faulty = false;
    let { version } = store;
    for (const change of batch) {
      if (change.version <= store.version) continue; // told before
      if (change.version > version) version = change.version;
      const place = store.placeOf(change.seatId);
      const status = statusCode(change.status);
      if (place === undefined) {
        faulty ||= !this.unknownSeats.has(change.seatId);
        if (this.unknownSeats.size < 1000) this.unknownSeats.add(change.seatId);
      } else if (status === undefined) {
        // Unknown is not free: nobody should be sent to a seat that cannot be had.
        faulty = true;
        ++this.unknownStatuses;
        store.set(place, 3);
      } else {
        store.set(place, status);
      }
    }
    store.version = version;
    if (faulty) {
      const differ = this.state.faults.some((fault) => fault.kind === 'mapAndPlanDiffer');
      this.set({ faults: this.faultsOf(store.plan, differ) });
    }
    store.tellBatch();
  }

  // `anew`: the feed has told that its past is lost; then the versions of before mean nothing.
  private reread(anew: boolean): void {
    if (this.waiting) {
      this.again = true;
      if (anew) this.waiting = [];
      return;
    }
    this.waiting = [];
    void this.readMap(anew);
  }

  private async readMap(anew: boolean): Promise<void> {
    const { signal } = this.controller;
    const { store } = this.state;
    if (!store) return;
    this.again = false;
    const since = anew ? undefined : store.version;
    const map = await askAgain(() => this.world.getSeatMap(this.eventId, since, signal), {
      signal,
      tries: 6,
    });
    if (signal.aborted) return;
    const read = map.ok ? readSeatMap(map.value) : undefined;
    if (!map.ok || !read || read.kind === 'bad') {
      this.fail(map.ok ? badAnswer(read?.kind === 'bad' ? read.why : '') : map.problem);
      // The seats shown are of before: try again until the office answers.
      this.cancelReread = this.world.after(REREAD_MS * 5, () => void this.readMap(true));
      return;
    }
    if (read.kind === 'map') {
      store.replace(read.statuses, read.version);
    } else {
      for (const [i, index] of read.indices.entries()) store.setByIndex(index, read.statuses[i] ?? 3);
      store.version = Math.max(store.version, read.to);
      store.tellBatch();
    }
    if (this.again) {
      this.cancelReread = this.world.after(REREAD_MS, () => void this.readMap(true));
      return;
    }
    const waiting = this.waiting ?? [];
    this.waiting = undefined;
    if (this.state.problem) this.set({ problem: undefined });
    this.apply(waiting);
  }
}

function badAnswer(message: string, traceId = ''): Problem {
  return { code: 'BAD_ANSWER', status: 200, message, traceId };
}
