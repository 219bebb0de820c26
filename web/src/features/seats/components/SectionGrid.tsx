// biome-ignore-all lint/a11y/useSemanticElements: a table cannot have cells that come and go as it is scrolled
// biome-ignore-all lint/a11y/useFocusableInteractive: in a grid the cells take the focus, rows and heads do not
import {
  type FocusEvent,
  type KeyboardEvent,
  memo,
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { useTranslation } from 'react-i18next';
import { cx } from '@/components';
import type { SeatInfo, SeatStatus } from '@/lib/seat';
import type { Mine } from '../canvas/painter';
import { seatInfo } from '../model/hall';
import { AVAILABLE, statusName } from '../model/seatMapCodec';
import type { SeatStore } from '../model/seatStore';
import { useRevision } from './useRevision';
import { useSeatText } from './useSeatText';

const CELL = 44;
const HEAD = 56;
const AHEAD = 2;
// How often it follows the changes: half a hundred cells are work for a phone.
const LIVE_MS = 250;
const UNSEEN_MS = 2000;

interface SectionGridProps {
  store: SeatStore;
  section: number;
  currency: string;
  mine: ReadonlyMap<number, Mine>;
  onPick: (seat: SeatInfo, status: SeatStatus) => void;
  // The seat that has the focus, for the ring on the plan.
  onFocusSeat: (place: number | undefined) => void;
  // False: only a screen reader sees it, unless the focus is in it.
  shown: boolean;
}

interface At {
  readonly row: number; // within the section
  readonly seat: number; // within the row
}

// The plan for those who do not point: one block as a grid. Arrows go from seat to seat, Home and End
// to the ends of the row (with Ctrl to the first and last row), Page Up and Down five rows, Enter takes
// or gives back. Only the cells that can be seen exist, and the one that has the focus.
export const SectionGrid = memo(function SectionGrid({
  store,
  section,
  currency,
  mine,
  onPick,
  onFocusSeat,
  shown,
}: SectionGridProps) {
  const { t } = useTranslation('seats');
  const text = useSeatText();
  const { plan } = store;
  const { firstRow = 0, rowCount = 0, name = '' } = plan.sections[section] ?? {};
  const host = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState<At>(() => firstFree(store, section));
  // Unseen it is a pixel wide and high: there are few cells until it is measured.
  const [seen, setSeen] = useState({ top: 0, left: 0, width: shown ? 600 : 1, height: shown ? 260 : 1 });
  const wantsFocus = useRef(false);
  const [focused, setFocused] = useState(false);
  useRevision(store, shown || focused ? LIVE_MS : UNSEEN_MS);

  const [shownSection, setShownSection] = useState(section);
  if (shownSection !== section) {
    setShownSection(section);
    setAt(firstFree(store, section));
  }

  const rowOf = useCallback((r: number) => plan.rows[firstRow + r], [plan, firstRow]);
  const widest = longestRow(store, section);

  const look = useCallback(() => {
    const box = host.current;
    if (!box) return;
    setSeen({ top: box.scrollTop, left: box.scrollLeft, width: box.clientWidth, height: box.clientHeight });
  }, []);
  useEffect(() => {
    const box = host.current;
    if (!box) return;
    look();
    if (typeof ResizeObserver === 'undefined') return;
    const observer = new ResizeObserver(look);
    observer.observe(box);
    return () => observer.disconnect();
  }, [look]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another block begins at its first free seat
  useLayoutEffect(() => {
    bringIntoSight(host.current, at);
  }, [section]);

  const go = (next: At) => {
    const row = Math.min(rowCount - 1, Math.max(0, next.row));
    const count = rowOf(row)?.count ?? 1;
    const seat = Math.min(count - 1, Math.max(0, next.seat));
    wantsFocus.current = true;
    bringIntoSight(host.current, { row, seat });
    setAt({ row, seat });
  };
  useEffect(() => {
    if (!wantsFocus.current) return;
    wantsFocus.current = false;
    host.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus({ preventScroll: true });
  });

  const pick = (place: number) =>
    onPick(seatInfo(store, place, currency), statusName(store.status[place] ?? 3));

  const onKeyDown = (event: KeyboardEvent) => {
    const count = rowOf(at.row)?.count ?? 1;
    const far = event.ctrlKey || event.metaKey;
    switch (event.key) {
      case 'ArrowLeft':
        go({ ...at, seat: at.seat - 1 });
        break;
      case 'ArrowRight':
        go({ ...at, seat: at.seat + 1 });
        break;
      case 'ArrowUp':
        go({ ...at, row: at.row - 1 });
        break;
      case 'ArrowDown':
        go({ ...at, row: at.row + 1 });
        break;
      case 'PageUp':
        go({ ...at, row: at.row - 5 });
        break;
      case 'PageDown':
        go({ ...at, row: at.row + 5 });
        break;
      case 'Home':
        go({ row: far ? 0 : at.row, seat: 0 });
        break;
      case 'End':
        go(far ? { row: rowCount - 1, seat: Number.MAX_SAFE_INTEGER } : { ...at, seat: count - 1 });
        break;
      case 'Enter':
      case ' ': {
        const first = rowOf(at.row)?.first;
        if (first !== undefined && !event.repeat) pick(first + at.seat);
        break;
      }
      default:
        return;
    }
    event.preventDefault();
    event.stopPropagation();
  };

  const onBlur = (event: FocusEvent) => {
    if (event.currentTarget.contains(event.relatedTarget)) return;
    setFocused(false);
    onFocusSeat(undefined);
  };

  const rows = indices(seen.top, seen.height, rowCount, at.row);
  return (
    <div
      ref={host}
      onScroll={look}
      onKeyDown={onKeyDown}
      onFocus={() => setFocused(true)}
      onBlur={onBlur}
      role="grid"
      tabIndex={-1}
      aria-label={t('grid.label', { section: name })}
      aria-rowcount={rowCount}
      aria-colcount={widest + 1}
      className="relative max-h-56 min-h-24 overflow-auto overscroll-contain rounded-md border border-line bg-sunken"
    >
      <div role="presentation" style={{ height: rowCount * CELL, width: HEAD + widest * CELL }}>
        {rows.map((r) => {
          const row = rowOf(r);
          if (!row) return null;
          const cells = indices(seen.left - HEAD, seen.width, row.count, r === at.row ? at.seat : -1);
          return (
            <div key={r} role="row" aria-rowindex={r + 1}>
              <div
                role="rowheader"
                aria-colindex={1}
                style={{ top: r * CELL, height: CELL, width: HEAD }}
                className="absolute left-0 flex items-center justify-center truncate px-1 text-xs text-ink-soft"
              >
                {t('grid.row', { row: row.name })}
              </div>
              {cells.map((c) => {
                const place = row.first + c;
                const status = statusName(store.status[place] ?? 3);
                const seat = seatInfo(store, place, currency);
                const own = mine.get(seat.id);
                const here = r === at.row && c === at.seat;
                return (
                  // biome-ignore lint/a11y/useKeyWithClickEvents: the grid handles Enter and Space for all cells
                  <div
                    key={place}
                    role="gridcell"
                    aria-colindex={c + 2}
                    aria-label={text.label(seat, status, own)}
                    aria-selected={own !== undefined}
                    aria-disabled={status !== 'AVAILABLE' && !own ? true : undefined}
                    tabIndex={here ? 0 : -1}
                    onFocus={() => {
                      if (!here) setAt({ row: r, seat: c });
                      onFocusSeat(place);
                    }}
                    onClick={() => {
                      setAt({ row: r, seat: c });
                      pick(place);
                    }}
                    style={{ top: r * CELL, left: HEAD + c * CELL, height: CELL, width: CELL }}
                    className="absolute flex cursor-pointer items-center justify-center p-0.5"
                  >
                    <span
                      className={cx(
                        'flex size-full items-center justify-center rounded-md text-xs font-semibold tabular-nums',
                        own
                          ? 'bg-ink text-surface'
                          : status === 'AVAILABLE'
                            ? 'border border-edge bg-surface text-ink'
                            : 'text-ink-soft line-through',
                      )}
                    >
                      {own ? '✓' : seat.name.slice(0, 5)}
                    </span>
                  </div>
                );
              })}
            </div>
          );
        })}
      </div>
    </div>
  );
});

function indices(from: number, length: number, count: number, always: number): number[] {
  const first = Math.max(0, Math.floor(from / CELL) - AHEAD);
  const last = Math.min(count - 1, Math.ceil((from + length) / CELL) + AHEAD);
  const found: number[] = [];
  if (always >= 0 && always < first && always < count) found.push(always);
  for (let i = first; i <= last; ++i) found.push(i);
  if (always > last && always < count) found.push(always);
  return found;
}

function longestRow(store: SeatStore, section: number): number {
  const { plan } = store;
  const { firstRow = 0, rowCount = 0 } = plan.sections[section] ?? {};
  let longest = 0;
  for (let r = firstRow; r < firstRow + rowCount; ++r) longest = Math.max(longest, plan.rows[r]?.count ?? 0);
  return longest;
}

function firstFree(store: SeatStore, section: number): At {
  const { plan } = store;
  const { firstRow = 0, first = 0, count = 0 } = plan.sections[section] ?? {};
  for (let place = first; place < first + count; ++place) {
    if (store.status[place] !== AVAILABLE) continue;
    const r = plan.rowOf[place] ?? firstRow;
    return { row: r - firstRow, seat: place - (plan.rows[r]?.first ?? place) };
  }
  return { row: 0, seat: 0 };
}

function bringIntoSight(host: HTMLElement | null, at: At): void {
  if (!host) return;
  const top = at.row * CELL;
  const left = HEAD + at.seat * CELL;
  if (top < host.scrollTop) host.scrollTop = top;
  else if (top + CELL > host.scrollTop + host.clientHeight) host.scrollTop = top + CELL - host.clientHeight;
  if (left - HEAD < host.scrollLeft) host.scrollLeft = left - HEAD;
  else if (left + CELL > host.scrollLeft + host.clientWidth) host.scrollLeft = left + CELL - host.clientWidth;
}
