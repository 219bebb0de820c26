import type { Problem } from '@/lib/problem';

/** What the buyer has of one event, as this page knows it. */
export interface Line {
  readonly seatId: number;
  /** holding: asked for; releasing: being given back; ordered: an open order has it, it cannot lapse. */
  readonly phase: 'holding' | 'held' | 'releasing' | 'ordered';
  /** Office time in milliseconds; 0 while it is not known. */
  readonly expiresAt: number;
  /** The latest that extending can reach; 0 while it is not known. */
  readonly extendableUntil: number;
  readonly extended: boolean;
}

/** The last thing that was refused, until the buyer goes on. */
export interface Refusal {
  readonly problem: Problem;
  /** What was wished: all of it, for a group is all or nothing. */
  readonly wanted: readonly number[];
  /** Which of it is gone, as far as the office told. */
  readonly gone: readonly number[];
}

export interface CartState {
  /** Whether the office has said what this buyer holds. */
  readonly restored: 'loading' | 'ready' | 'failed';
  readonly problem: Problem | undefined;
  readonly lines: ReadonlyMap<number, Line>;
  /** Seats whose time ran out, until they are held again or put away. */
  readonly lapsed: readonly number[];
  readonly refusal: Refusal | undefined;
  /** The office is too busy or away, and is asked again: why. */
  readonly waiting: Problem | undefined;
  /** The seat the buyer touched last, to be pointed at. */
  readonly touched: number | undefined;
  readonly extending: boolean;
}

export const EMPTY: CartState = {
  restored: 'loading',
  problem: undefined,
  lines: new Map(),
  lapsed: [],
  refusal: undefined,
  waiting: undefined,
  touched: undefined,
  extending: false,
};

/** By this much an extension prolongs, if the hold's whole life allows. */
export const EXTEND_SECONDS = 300;
/** Less than this much to gain is not offered as an extension. */
const EXTENSION_MS_MIN = 10_000;

export function withLine(lines: ReadonlyMap<number, Line>, line: Line): ReadonlyMap<number, Line> {
  return new Map(lines).set(line.seatId, line);
}

export function without(
  lines: ReadonlyMap<number, Line>,
  seatIds: readonly number[],
): ReadonlyMap<number, Line> {
  const left = new Map(lines);
  for (const id of seatIds) left.delete(id);
  return left;
}

/** May this seat be kept longer? Once, and only if there is time to gain. */
export function canExtend(line: Line): boolean {
  return (
    line.phase === 'held' &&
    !line.extended &&
    (line.extendableUntil === 0 || line.extendableUntil - line.expiresAt >= EXTENSION_MS_MIN)
  );
}

/** When the first of the held seats lapses; undefined when none can. */
export function firstEnd(lines: ReadonlyMap<number, Line>): number | undefined {
  const ends = [...lines.values()]
    .filter((line) => line.phase === 'held' && line.expiresAt > 0)
    .map((line) => line.expiresAt);
  return ends.length === 0 ? undefined : Math.min(...ends);
}

/** How far behind the office's clock ours may be: it is learnt from dates that name whole seconds. */
const CLOCK_UNSURE_MS = 1000;

interface Told {
  seatId: number;
  status: string;
  expiresAt: string;
  extendableUntil: string;
}

/**
 * The cart as the office tells it. Seats being asked for or given back are left as they are: their own answer
 * is on its way. A held seat that the office no longer names has lapsed if its time is over, as well as that
 * is known here; else it was ordered or given back elsewhere, which is no news to the buyer.
 */
export function merge(
  state: CartState,
  holds: readonly Told[],
  now: number,
  wasExtended: (seatId: number, expiresAt: number) => boolean,
): Pick<CartState, 'lines' | 'lapsed'> {
  const read = (hold: Told) => lineOf(hold, wasExtended);
  const lines = new Map<number, Line>();
  const told = new Map(holds.map((hold) => [hold.seatId, hold]));
  const lapsed: number[] = [];
  for (const [id, line] of state.lines) {
    const hold = told.get(id);
    if (line.phase === 'holding' || line.phase === 'releasing') lines.set(id, line);
    else if (hold) {
      const now = read(hold);
      lines.set(id, { ...now, extended: now.extended || line.extended });
    } else if (line.phase === 'held' && line.expiresAt <= now + CLOCK_UNSURE_MS) lapsed.push(id);
  }
  for (const hold of holds) if (!lines.has(hold.seatId)) lines.set(hold.seatId, read(hold));
  const kept = state.lapsed.filter((id) => !lines.has(id) && !lapsed.includes(id));
  return { lines, lapsed: [...kept, ...lapsed] };
}

function lineOf(hold: Told, wasExtended: (seatId: number, expiresAt: number) => boolean): Line {
  const expiresAt = Date.parse(hold.expiresAt);
  return {
    seatId: hold.seatId,
    phase: hold.status === 'PINNED' ? 'ordered' : 'held',
    expiresAt,
    extendableUntil: Date.parse(hold.extendableUntil),
    extended: wasExtended(hold.seatId, expiresAt),
  };
}
