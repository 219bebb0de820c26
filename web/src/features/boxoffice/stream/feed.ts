import { isRecord } from '@/lib/problem';

/**
 * The last changes of one event's feed, kept outside React: a rush brings hundreds a second, and the panel is told
 * a few times a second. The browser's EventSource resumes by itself with the last id; after a refusal it gives
 * up, and this opens it anew.
 */
export interface FeedLine {
  version: number;
  /** Nothing for a RESET. */
  seatId: number | undefined;
  /** As it came; a newer office may have a status that this page does not know. */
  status: string;
  /** performance.now() when it came. */
  at: number;
}

export type FeedState = 'opening' | 'live' | 'broken';

export interface FeedView {
  state: FeedState;
  /** Newest first. */
  lines: readonly FeedLine[];
  /** All changes since it was opened. */
  total: number;
  /** Changes in the last second. */
  perSecond: number;
}

export const LINES_MAX = 200;
const TELL_MS = 250;
const REOPEN_MS = 3000;

export const EMPTY_FEED: FeedView = { state: 'opening', lines: [], total: 0, perSecond: 0 };

export interface Feed {
  subscribe: (listener: () => void) => () => void;
  view: () => FeedView;
  close: () => void;
}

export function openFeed(eventId: number): Feed {
  const listeners = new Set<() => void>();
  let view = EMPTY_FEED;
  let lines: FeedLine[] = [];
  let recent: number[] = [];
  let total = 0;
  let state: FeedState = 'opening';
  let source: EventSource | undefined;
  let reopen: ReturnType<typeof setTimeout> | undefined;
  let lastId = '';
  let dirty = false;

  const tell = () => {
    const now = performance.now();
    const before = recent.length;
    recent = recent.filter((at) => now - at < 1000);
    if (!dirty && recent.length === before) return;
    dirty = false;
    view = { state, lines, total, perSecond: recent.length };
    for (const listener of listeners) listener();
  };
  const ticking = setInterval(tell, TELL_MS);
  const note = (next: FeedState) => {
    if (state === next) return;
    state = next;
    dirty = true;
    tell();
  };

  function take(event: MessageEvent, reset: boolean) {
    const line = readLine(event.data, reset);
    if (event.lastEventId !== '') lastId = event.lastEventId;
    if (!line) return;
    lines = [line, ...lines].slice(0, LINES_MAX);
    recent.push(line.at);
    total++;
    dirty = true;
  }

  function open() {
    const resume = lastId === '' ? '' : `?lastEventId=${encodeURIComponent(lastId)}`;
    source = new EventSource(`/ticketing/catalog/api/events/${eventId}/seats/stream${resume}`);
    source.addEventListener('INIT', () => note('live'));
    source.addEventListener('SEAT_UPDATE', (event) => take(event, false));
    source.addEventListener('RESET', (event) => {
      note('live');
      take(event, true);
    });
    source.onerror = () => {
      note('broken');
      if (source?.readyState !== EventSource.CLOSED) return;
      clearTimeout(reopen);
      reopen = setTimeout(open, REOPEN_MS);
    };
  }
  open();

  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    view: () => view,
    close() {
      clearInterval(ticking);
      clearTimeout(reopen);
      source?.close();
    },
  };
}

export function readLine(data: unknown, reset: boolean): FeedLine | undefined {
  let told: unknown;
  try {
    told = JSON.parse(String(data));
  } catch {
    return undefined;
  }
  if (!isRecord(told) || !Number.isSafeInteger(told.version)) return undefined;
  const at = performance.now();
  if (reset) return { version: Number(told.version), seatId: undefined, status: 'RESET', at };
  if (!Number.isSafeInteger(told.seatId) || typeof told.status !== 'string') return undefined;
  return { version: Number(told.version), seatId: Number(told.seatId), status: told.status.slice(0, 20), at };
}
