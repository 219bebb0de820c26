import { serverNow } from '@/lib/clock';
import { isRecord } from '@/lib/problem';

/**
 * One wish to buy certain seats has one idempotency key, whatever becomes of the page meanwhile: a second
 * click, a reload, another tab, the back button all send the same key, and the office knows the order again. A wish
 * ends when its order has ended; wanting the same seats after that is a new wish. Kept in localStorage, so that it
 * outlives the tab; where that is refused, in this page alone.
 */
export interface OrderedSeat {
  id: number;
  section: string;
  row: string;
  name: string;
}

export interface Intent {
  key: string;
  eventId: number;
  seats: OrderedSeat[];
  madeAt: number;
  orderId?: string;
  /** Kept for the names of its seats alone. */
  ended?: boolean;
}

const STORE = 'onsale.intents';
/** The office knows a key for 24 hours. */
const LIFE_MS = 23 * 3_600_000;
const KEPT_MAX = 50;

let inMemory: Intent[] = [];

function isIntent(value: unknown): value is Intent {
  return (
    isRecord(value) &&
    typeof value.key === 'string' &&
    typeof value.eventId === 'number' &&
    typeof value.madeAt === 'number' &&
    (value.orderId === undefined || typeof value.orderId === 'string') &&
    Array.isArray(value.seats) &&
    value.seats.every((seat) => isRecord(seat) && typeof seat.id === 'number')
  );
}

function read(): Intent[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(STORE) ?? '[]');
    inMemory = Array.isArray(stored) ? stored.filter(isIntent) : [];
  } catch {
    // Storage is refused or was spoilt: what this page remembers must do.
  }
  const now = serverNow();
  return inMemory.filter((intent) => Math.abs(now - intent.madeAt) < LIFE_MS);
}

function write(intents: Intent[]): void {
  inMemory = intents.slice(-KEPT_MAX);
  try {
    localStorage.setItem(STORE, JSON.stringify(inMemory));
  } catch {
    // As above.
  }
}

const sameSeats = (intent: Intent, eventId: number, seatIds: readonly number[]) =>
  !intent.ended &&
  intent.eventId === eventId &&
  intent.seats.length === seatIds.length &&
  intent.seats.every((seat) => seatIds.includes(seat.id));

/** 128 random bits; crypto.randomUUID is not there on an address that is not secure. */
function newKey(): string {
  const bits = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bits, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The wish for exactly these seats: the one under way, or a new one. */
export function intentFor(eventId: number, seats: readonly OrderedSeat[]): Intent {
  const intents = read();
  const ids = seats.map((seat) => seat.id);
  const known = intents.find((intent) => sameSeats(intent, eventId, ids));
  if (known) return known;
  // In the order of their ids: the same seats are the same body.
  const sorted = [...seats].sort((a, b) => a.id - b.id);
  const intent: Intent = {
    key: newKey(),
    eventId,
    seats: sorted.map(({ id, section, row, name }) => ({ id, section, row, name })),
    madeAt: serverNow(),
  };
  write([...intents, intent]);
  return intent;
}

export function noteOrder(key: string, orderId: string): void {
  write(read().map((intent) => (intent.key === key ? { ...intent, orderId } : intent)));
}

/** The order has ended, or the office refused it before it was one: the next wish has a key of its own. */
export function endIntent(which: { key?: string; orderId?: string }): void {
  write(
    read().map((intent) =>
      (which.key !== undefined && intent.key === which.key) ||
      (which.orderId !== undefined && intent.orderId === which.orderId)
        ? { ...intent, ended: true }
        : intent,
    ),
  );
}

/** What the seats of an order are called, if it was placed from this browser. */
export function seatsOfOrder(orderId: string): OrderedSeat[] | undefined {
  return read().find((intent) => intent.orderId === orderId)?.seats;
}
