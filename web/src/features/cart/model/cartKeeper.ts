import { createStore, type StoreApi } from 'zustand/vanilla';
import { askAgain, nothingCame } from '@/lib/api';
import { serverNow } from '@/lib/clock';
import { isPassing, type Problem } from '@/lib/problem';
import { type Result, refused } from '@/lib/result';
import { extendHold } from '../api/extendHold';
import { holdSeats } from '../api/holdSeats';
import { listHolds } from '../api/listHolds';
import { releaseSeat } from '../api/releaseSeat';
import { type CartState, canExtend, EMPTY, EXTEND_SECONDS, firstEnd, merge, withLine, without } from './cart';
import { Extended } from './extended';

const DOUBLE_TAP_MS = 800;

/**
 * Keeps the cart of one event, outside React, so that it outlives pages and error boundaries. What the buyer
 * does shows at once; the office's word replaces it. Its list of holds is read again whenever the truth may
 * have moved: at the start, after each change, when a hold's time is over, on return from another tab or network.
 */
export class CartKeeper {
  readonly store: StoreApi<CartState> = createStore<CartState>(() => EMPTY);
  readonly #eventId: number;
  readonly #extended: Extended;
  /** Counts changes of this cart: an answer that was asked for before one is out of date. */
  #changes = 0;
  #refreshing = false;
  #refreshAgain = false;
  #lapseTimer: ReturnType<typeof setTimeout> | undefined;
  #refreshTimer: ReturnType<typeof setTimeout> | undefined;
  #watchers = 0;
  /** When each seat was touched: the second half of a double tap is no wish to give it back. */
  readonly #touchedAt = new Map<number, number>();

  constructor(eventId: number) {
    this.#eventId = eventId;
    this.#extended = new Extended(eventId);
  }

  /** While somebody looks. Returns how to stop. */
  watch(): () => void {
    this.#watchers += 1;
    if (this.#watchers === 1) {
      document.addEventListener('visibilitychange', this.#onReturn);
      window.addEventListener('online', this.#onReturn);
    }
    void this.refresh();
    return () => {
      this.#watchers -= 1;
      if (this.#watchers > 0) return;
      document.removeEventListener('visibilitychange', this.#onReturn);
      window.removeEventListener('online', this.#onReturn);
      clearTimeout(this.#lapseTimer);
      clearTimeout(this.#refreshTimer);
    };
  }

  #onReturn = () => {
    if (document.visibilityState === 'visible') void this.refresh();
  };

  get #state(): CartState {
    return this.store.getState();
  }

  #set(part: Partial<CartState>): void {
    this.#tell(part);
    this.#setLapseTimer();
  }

  /** What says nothing new has nobody drawn again. */
  #tell(part: Partial<CartState>): void {
    const before = this.#state;
    const names = Object.keys(part) as (keyof CartState)[];
    if (names.some((name) => before[name] !== part[name])) this.store.setState(part);
  }

  /** Reads from the office what this buyer holds. */
  refresh = async (): Promise<void> => {
    if (this.#refreshing) {
      this.#refreshAgain = true;
      return;
    }
    this.#refreshing = true;
    do {
      this.#refreshAgain = false;
      const changes = this.#changes;
      const result = await this.#asking(() => listHolds(this.#eventId));
      if (changes !== this.#changes) {
        this.#refreshAgain = true;
      } else if (result.ok) {
        this.#set({
          restored: 'ready',
          problem: undefined,
          ...merge(this.#state, result.value.holds, serverNow(), this.#extended.asked()),
        });
      } else if (result.problem.code === 'TOKEN_INVALID') {
        // The office had the browser drop the token: it knows nothing of us, and we begin anew.
        this.#set({ restored: 'ready', problem: undefined, lines: new Map() });
      } else {
        this.#set({
          restored: this.#state.restored === 'loading' ? 'failed' : this.#state.restored,
          problem: result.problem,
        });
      }
    } while (this.#refreshAgain);
    this.#refreshing = false;
  };

  /** Soon, and once for several changes. */
  #refreshSoon(ms = 300): void {
    clearTimeout(this.#refreshTimer);
    this.#refreshTimer = setTimeout(() => void this.refresh(), ms);
  }

  /** Holds the seats: all or none. True when they are held. */
  hold = async (seatIds: readonly number[]): Promise<boolean> => {
    const { lines } = this.#state;
    const wanted = seatIds.filter((id) => !lines.has(id));
    const last = seatIds.at(-1);
    if (wanted.length === 0) {
      this.#set({ touched: last });
      return seatIds.every((id) => lines.get(id)?.phase === 'held');
    }
    const next = new Map(lines);
    for (const seatId of wanted)
      next.set(seatId, { seatId, phase: 'holding', expiresAt: 0, extendableUntil: 0, extended: false });
    this.#set({ lines: next, refusal: undefined, touched: last });

    let result = await this.#asking(() => holdSeats(this.#eventId, wanted));
    if (!result.ok && result.problem.code === 'TOKEN_INVALID') {
      // That answer made the browser drop what proved nothing; the same call now begins as a new buyer.
      result = await this.#asking(() => holdSeats(this.#eventId, wanted));
    }
    this.#changes += 1;
    if (result.ok) {
      const held = new Map(this.#state.lines);
      const expiresAt = Date.parse(result.value.expiresAt);
      for (const seatId of wanted)
        held.set(seatId, { seatId, phase: 'held', expiresAt, extendableUntil: 0, extended: false });
      this.#set({
        lines: held,
        restored: 'ready',
        lapsed: this.#state.lapsed.filter((id) => !wanted.includes(id)),
      });
    } else {
      const { problem } = result;
      const gone = (problem.seats ?? []).map((seat) => seat.seatId);
      this.#set({
        lines: without(this.#state.lines, wanted),
        refusal: { problem, wanted, gone: gone.length > 0 ? gone : wanted },
      });
    }
    // Also after a refusal: if no answer came, the seats may be held all the same.
    this.#refreshSoon();
    return result.ok;
  };

  /** One tap holds a seat, another gives it back. */
  toggle = async (seatId: number): Promise<void> => {
    const now = performance.now();
    const twice = now - (this.#touchedAt.get(seatId) ?? Number.NEGATIVE_INFINITY) < DOUBLE_TAP_MS;
    this.#touchedAt.set(seatId, now);
    if (twice) return;
    if (this.#state.lines.get(seatId)?.phase === 'held') await this.release(seatId);
    else await this.hold([seatId]);
  };

  /** A seat that the map shows as gone for good: told without asking. */
  refuse = (seatId: number, status: 'SOLD' | 'BLOCKED'): void => {
    const code = status === 'SOLD' ? 'SEAT_SOLD' : 'RESERVATION_CONFLICT';
    const problem = { code, status: 409, message: '', traceId: '', seats: [{ seatId, status }] };
    this.#set({ refusal: { problem, wanted: [seatId], gone: [seatId] }, touched: seatId });
  };

  release = async (seatId: number): Promise<void> => {
    const line = this.#state.lines.get(seatId);
    if (line?.phase !== 'held') return;
    this.#set({ lines: withLine(this.#state.lines, { ...line, phase: 'releasing' }), refusal: undefined });
    const result = await this.#asking(() => releaseSeat(this.#eventId, seatId));
    this.#changes += 1;
    if (!result.ok && isPassing(result.problem)) {
      // Nobody was told: it is still held.
      this.#set({
        lines: withLine(this.#state.lines, line),
        refusal: { problem: result.problem, wanted: [seatId], gone: [] },
      });
    } else {
      this.#set({ lines: without(this.#state.lines, [seatId]) });
    }
    this.#refreshSoon();
  };

  /** Keeps every seat longer that can be, once. */
  extend = async (): Promise<void> => {
    const chosen = [...this.#state.lines.values()].filter(canExtend);
    if (chosen.length === 0 || this.#state.extending) return;
    this.#set({ extending: true, refusal: undefined });
    const results = await Promise.all(
      chosen.map((line) => this.#asking(() => extendHold(this.#eventId, line.seatId, EXTEND_SECONDS))),
    );
    this.#changes += 1;
    let lines = this.#state.lines;
    let problem: Problem | undefined;
    const ends = new Map<number, number>();
    results.forEach((result, i) => {
      const line = lines.get(chosen[i]?.seatId ?? 0);
      if (!line) return;
      if (result.ok) {
        const expiresAt = Date.parse(result.value.expiresAt);
        ends.set(line.seatId, expiresAt);
        lines = withLine(lines, { ...line, expiresAt, extended: true });
      } else problem = result.problem;
    });
    this.#extended.note(ends, serverNow());
    this.#set({
      lines,
      extending: false,
      refusal: problem && { problem, wanted: chosen.map((line) => line.seatId), gone: [] },
    });
    this.#refreshSoon();
  };

  /** An order has taken these seats: they are no longer this cart's to lose. */
  ordered = (seatIds: readonly number[]): void => {
    this.#changes += 1;
    let lines = this.#state.lines;
    for (const id of seatIds) {
      const line = lines.get(id);
      if (line) lines = withLine(lines, { ...line, phase: 'ordered' });
    }
    this.#set({ lines, refusal: undefined });
  };

  /** Somebody else has a seat that is shown as mine: what is true is asked for. */
  doubt = (): void => this.#refreshSoon(0);

  dismiss = (): void => this.#set({ refusal: undefined, lapsed: [] });

  /** Repeats while the office is busy or away, and says so while it does. */
  async #asking<T>(call: () => Promise<Result<T>>): Promise<Result<T>> {
    try {
      return await askAgain(async () => {
        const result = await call();
        this.#tell({
          waiting: !result.ok && isPassing(result.problem) ? result.problem : undefined,
        });
        return result;
      });
    } catch (error) {
      return refused(nothingCame(error));
    } finally {
      this.#tell({ waiting: undefined });
    }
  }

  #setLapseTimer(): void {
    clearTimeout(this.#lapseTimer);
    const end = firstEnd(this.#state.lines);
    if (end === undefined || this.#watchers === 0) return;
    // A little after it, so that the office has freed the seat when it is asked; never by the device's clock.
    this.#lapseTimer = setTimeout(() => this.#onLapse(), Math.max(0, end - serverNow()) + 50);
  }

  #onLapse(): void {
    const now = serverNow();
    const over = [...this.#state.lines.values()].filter(
      (line) => line.phase === 'held' && line.expiresAt > 0 && line.expiresAt <= now,
    );
    if (over.length === 0) {
      this.#setLapseTimer();
      return;
    }
    const ids = over.map((line) => line.seatId);
    this.#changes += 1;
    this.#set({
      lines: without(this.#state.lines, ids),
      lapsed: [...this.#state.lapsed.filter((id) => !ids.includes(id)), ...ids],
    });
    // The office's word counts: if it was extended in another tab, the list brings it back.
    this.#refreshSoon(1200);
  }
}

const keepers = new Map<number, CartKeeper>();

export function keeperOf(eventId: number): CartKeeper {
  let keeper = keepers.get(eventId);
  if (!keeper) {
    keeper = new CartKeeper(eventId);
    keepers.set(eventId, keeper);
  }
  return keeper;
}

/** For tests: every cart forgotten, as after closing the browser. */
export function forgetCarts(): void {
  keepers.clear();
}
