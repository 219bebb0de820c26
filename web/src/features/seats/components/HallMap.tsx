import { memo, useCallback, useEffect, useId, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, cx, ErrorState, IconButton, icons, Skeleton } from '@/components';
import { announce } from '@/lib/announce';
import type { SeatInfo, SeatStatus } from '@/lib/seat';
import { useTheme } from '@/lib/theme';
import { useSettled } from '@/lib/useSettled';
import '../map.css';
import { MapView } from '../canvas/mapView';
import type { Mine } from '../canvas/painter';
import { peekSession } from '../hallSessions';
import { seatInfo } from '../model/hall';
import { HELD, statusName } from '../model/seatMapCodec';
import type { SeatStore } from '../model/seatStore';
import { viewsOf } from '../model/viewOf';
import type { LiveState } from '../stream/streamClient';
import { useHallState } from '../useHall';
import { FaultNote } from './FaultNote';
import { Legend } from './Legend';
import { SeatCard } from './SeatCard';
import { SectionGrid } from './SectionGrid';
import { SectionSelect } from './SectionSelect';
import { useSeatText } from './useSeatText';

export interface HallMapProps {
  eventId: number;
  layoutHash: string | undefined;
  currency: string;
  mine: ReadonlyMap<number, Mine>;
  onPick: (seat: SeatInfo, status: SeatStatus) => void;
  // A seat that the buyer was looking at was taken by somebody else, or one that is held for the buyer
  // no longer shows as held.
  onLost?: (seat: SeatInfo) => void;
}

export const HallMap = memo(function HallMap(props: HallMapProps) {
  const { eventId, layoutHash, currency } = props;
  const { t } = useTranslation('seats');
  const { status, problem, store, live, faults } = useHallState(eventId, layoutHash, currency);
  if (status === 'failed' && problem && !store) {
    return <ErrorState problem={problem} onRetry={() => peekSession(eventId).retry()} />;
  }
  if (!store) {
    return (
      <div className="flex min-h-0 flex-1 flex-col gap-3 p-3" aria-busy="true">
        <span className="sr-only">{t('loading')}</span>
        <Skeleton className="h-11 w-full" />
        <Skeleton className="min-h-72 w-full flex-1" />
      </div>
    );
  }
  return (
    <div className="flex min-h-0 min-w-0 flex-1 flex-col">
      {faults.length > 0 && <FaultNote faults={faults} />}
      {store.plan.count === 0 ? (
        <p className="px-4 py-16 text-center text-ink-soft">{t('empty')}</p>
      ) : (
        <ReadyMap {...props} store={store} live={status === 'over' ? 'over' : live} />
      )}
    </div>
  );
});

const PASSING_MS = 3500;

interface Looked {
  readonly place: number;
  readonly x: number;
  readonly y: number;
  readonly touch: boolean;
}

function ReadyMap({
  store,
  live,
  currency,
  mine,
  onPick,
  onLost,
}: HallMapProps & { store: SeatStore; live: LiveState }) {
  const { t } = useTranslation('seats');
  const { theme } = useTheme();
  const text = useSeatText();
  const { plan } = store;
  const element = useRef<HTMLElement>(null);
  const minimap = useRef<HTMLDivElement>(null);
  const view = useRef<MapView>(undefined);
  const listButton = useId();
  const [looked, setLooked] = useState<Looked>();
  const [tiers, setTiers] = useState<ReadonlySet<number>>();
  const [section, setSection] = useState(() => mostFree(store));
  const [listed, setListed] = useState(false);
  const [fitted, setFitted] = useState(true);
  // The plan first: half a hundred cells that nobody sees can wait for a moment.
  const settled = useSettled();
  const viewOf = useMemo(() => viewsOf(plan), [plan]);

  // What the view tells is told to the page as it is now, not as it was when the view was made.
  const now = useRef({ currency, mine, onPick, onLost, looked, section, listed, text, t });
  useEffect(() => {
    now.current = { currency, mine, onPick, onLost, looked, section, listed, text, t };
  });
  const focused = useRef<number>(undefined);
  const dark = theme === 'dark';
  const firstDark = useRef(dark);

  useEffect(() => {
    if (!element.current || !minimap.current) return;
    const takenSeats = new TakenSeats((places) => {
      const [first] = places;
      if (first === undefined) return;
      const seat = now.current.text.short(seatInfo(store, first, now.current.currency));
      announce(
        places.length === 1
          ? now.current.t('taken.one', { seat })
          : now.current.t('taken.more', { seat, count: places.length - 1 }),
      );
    });
    const map = new MapView(element.current, minimap.current, store, firstDark.current, {
      picked(place, touch) {
        const seat = seatInfo(store, place, now.current.currency);
        if (touch) setLooked({ place, ...map.screenOf(place), touch });
        now.current.onPick(seat, statusName(store.status[place] ?? 3));
      },
      hovered(place, at) {
        setLooked((before) => {
          if (place !== undefined) return { place, ...at, touch: false };
          return before?.touch ? before : undefined;
        });
      },
      moved(told) {
        setFitted(told.fitted);
        if (told.section !== undefined && focused.current === undefined) setSection(told.section);
      },
      taken(place) {
        const { looked: card, section: listedSection } = now.current;
        if (place === focused.current || (card?.touch && card.place === place)) {
          const seat = seatInfo(store, place, now.current.currency);
          now.current.onLost?.(seat);
          announce(now.current.t('taken.yours', { seat: now.current.text.short(seat) }), 'assertive');
        } else if (focused.current !== undefined && plan.sectionOf[place] === listedSection) {
          takenSeats.add(place);
        }
      },
    });
    view.current = map;
    const forget = store.onSeat((place, _, to) => {
      // The card beside the pointer tells what the seat is now.
      if (place === now.current.looked?.place) setLooked((card) => card && { ...card });
      if (to === HELD || now.current.mine.get(plan.ids[place] ?? 0) !== 'held') return;
      now.current.onLost?.(seatInfo(store, place, now.current.currency));
    });
    return () => {
      forget();
      takenSeats.stop();
      view.current = undefined;
      map.destroy();
    };
  }, [store, plan]);

  useEffect(() => view.current?.setTheme(dark), [dark]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new view must be told as well
  useEffect(() => view.current?.setMine(mine), [mine, store]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: as above
  useEffect(() => view.current?.setTiers(tiers), [tiers, store]);

  const jump = useCallback((s: number) => {
    setSection(s);
    view.current?.showSection(s);
  }, []);
  const focusSeat = useCallback((place: number | undefined) => {
    focused.current = place;
    view.current?.setFocus(place);
  }, []);
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const map = view.current;
    const step = event.shiftKey ? 240 : 80;
    switch (event.key) {
      case '+':
      case '=':
        map?.zoomBy(1.6);
        break;
      case '-':
        map?.zoomBy(1 / 1.6);
        break;
      case '0':
        map?.fit();
        break;
      case 'ArrowLeft':
        map?.panBy(step, 0);
        break;
      case 'ArrowRight':
        map?.panBy(-step, 0);
        break;
      case 'ArrowUp':
        map?.panBy(0, step);
        break;
      case 'ArrowDown':
        map?.panBy(0, -step);
        break;
      case 'Enter':
        setListed(true);
        break;
      default:
        return;
    }
    event.preventDefault();
  };

  const card = looked && {
    plan,
    place: looked.place,
    seat: seatInfo(store, looked.place, currency),
    status: statusName(store.status[looked.place] ?? 3),
    mine: mine.get(plan.ids[looked.place] ?? 0),
    view: viewOf?.(looked.place),
  };
  // On a phone it is told in passing; what is refused, and what is free instead, the cart tells.
  const passing = looked?.touch ? looked : undefined;
  useEffect(() => {
    if (!passing) return;
    const timer = setTimeout(() => setLooked((now) => (now === passing ? undefined : now)), PASSING_MS);
    return () => clearTimeout(timer);
  }, [passing]);
  const placeCard = looked && !looked.touch ? beside(looked, element.current) : undefined;

  return (
    <>
      <div className="flex flex-col border-b border-line bg-ground lg:flex-row-reverse lg:items-center">
        <Legend store={store} currency={currency} chosen={tiers} onChoose={setTiers} />
        <div className="flex items-center gap-2 px-3 pb-1.5 lg:w-96 lg:shrink-0 lg:pb-0">
          <SectionSelect store={store} section={section} onJump={jump} />
          <Button
            id={listButton}
            kind="secondary"
            aria-expanded={listed}
            onClick={() => setListed(!listed)}
            className="shrink-0"
          >
            {listed ? t('list.hide') : t('list.show')}
          </Button>
          <LiveMark live={live} />
        </div>
      </div>
      {/* Seats by keyboard: there as soon as the focus enters, or when it is asked for. */}
      <section
        aria-label={t('list.title')}
        className={cx(
          'px-3',
          listed ? 'pb-2' : 'sr-only focus-within:not-sr-only focus-within:px-3 focus-within:pb-2',
        )}
      >
        {(settled || listed) && (
          <SectionGrid
            store={store}
            section={section}
            currency={currency}
            mine={mine}
            onPick={onPick}
            onFocusSeat={focusSeat}
            shown={listed}
          />
        )}
        <p className="mt-1 text-xs text-ink-soft">{t('list.keys')}</p>
      </section>
      {/* biome-ignore lint/a11y/useSemanticElements: a picture that takes keys; the grid above is its equivalent */}
      <div
        ref={element as React.RefObject<HTMLDivElement>}
        role="group"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it takes + − 0 and the arrows
        tabIndex={0}
        aria-label={t('map.label', { hall: plan.name })}
        aria-describedby={`${listButton}-keys`}
        onKeyDown={onKeyDown}
        className="relative min-h-64 flex-1 touch-none overflow-hidden bg-sunken select-none"
      >
        <p id={`${listButton}-keys`} className="sr-only">
          {t('map.keys')}
        </p>
        <div
          data-map-ui
          className="absolute end-3 bottom-3 z-10 flex overflow-hidden rounded-md border border-line bg-surface shadow-high"
        >
          <IconButton label={t('map.in')} onClick={() => view.current?.zoomBy(1.6)}>
            <icons.Plus />
          </IconButton>
          <IconButton
            label={t('map.out')}
            onClick={() => view.current?.zoomBy(1 / 1.6)}
            className="rounded-none border-x border-line"
          >
            <icons.Minus />
          </IconButton>
          <IconButton label={t('map.fit')} onClick={() => view.current?.fit()}>
            <icons.Whole />
          </IconButton>
        </div>
        <div
          ref={minimap}
          data-map-ui
          aria-hidden="true"
          className="absolute start-3 bottom-3 z-10 cursor-pointer overflow-hidden rounded-md border border-line bg-surface shadow-high"
        />
        {fitted && plan.count > 400 && (
          <p className="pointer-events-none absolute start-3 bottom-5 z-10 flex">
            <span className="rounded-full bg-ink/85 px-3 py-1 text-xs font-medium text-surface">
              {t('map.hint')}
            </span>
          </p>
        )}
        {card && looked && !looked.touch && placeCard && (
          <div className="pointer-events-none absolute z-20" style={placeCard}>
            <SeatCard {...card} />
          </div>
        )}
        {card && looked?.touch && (
          <div
            className={cx(
              'pointer-events-none absolute inset-x-2 z-20 animate-rise',
              looked.y > (element.current?.clientHeight ?? 0) / 2 ? 'top-2' : 'bottom-16',
            )}
          >
            <SeatCard {...card} compact />
          </div>
        )}
      </div>
    </>
  );
}

function LiveMark({ live }: { live: LiveState }) {
  const { t } = useTranslation('seats');
  const good = live === 'live';
  return (
    <span
      role="status"
      className="flex shrink-0 items-center gap-1.5 text-xs font-medium text-ink-soft"
      title={t(`live.${live}.long`)}
    >
      <span
        aria-hidden="true"
        className={cx('size-2.5', good ? 'rounded-full bg-good' : 'rotate-45 rounded-sm bg-warn')}
      />
      <span className="max-sm:sr-only">{t(`live.${live}.short`)}</span>
    </span>
  );
}

// Beside the seat, on the side where there is room.
function beside(looked: Looked, element: HTMLElement | null): React.CSSProperties | undefined {
  if (!element) return undefined;
  const left = looked.x > element.clientWidth / 2;
  const above = looked.y > element.clientHeight / 2;
  const x = left ? '-100%' : '0';
  const y = above ? '-100%' : '0';
  return {
    left: looked.x + (left ? -18 : 18),
    top: looked.y + (above ? -14 : 14),
    transform: `translate(${x},${y})`,
  };
}

// The list begins where there is most to choose from.
function mostFree(store: SeatStore): number {
  let best = 0;
  for (const [s, available] of store.availableOfSection.entries()) {
    if (available > (store.availableOfSection[best] ?? 0)) best = s;
  }
  return best;
}

// In a rush dozens of seats go each second: what is said is gathered, or nothing else could be heard.
const GATHER_MS = 1500;

class TakenSeats {
  private places: number[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly tell: (places: readonly number[]) => void;

  constructor(tell: (places: readonly number[]) => void) {
    this.tell = tell;
  }
  add(place: number): void {
    if (this.places.length < 1000) this.places.push(place);
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      const { places } = this;
      this.places = [];
      this.tell(places);
    }, GATHER_MS);
  }
  stop(): void {
    clearTimeout(this.timer);
  }
}
