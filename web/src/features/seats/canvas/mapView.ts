// The plan on the screen: gestures in, pictures out. React makes one, hands it what to show, and is
// told what was tapped; no seat that changes and no frame goes through React.
//
//   base      the whole hall as blocks, once, below everything: there is always something to see
//   before    the pictures of the last scale, stretched, until …
//   now       … those of this scale are painted (in slices, the middle of the view first)
//   overlay   rings, pins, flashes

import { select } from 'd3-selection';
import { type D3ZoomEvent, type ZoomBehavior, zoom, zoomIdentity } from 'd3-zoom';
import type { HallPlan } from '../model/plan';
import { UNPLACED } from '../model/plan';
import { AVAILABLE } from '../model/seatMapCodec';
import type { SeatStore } from '../model/seatStore';
import { SpatialIndex } from '../model/spatialIndex';
import { between, type Camera, centred, fitted, held, onBlock, type Size, scaleForPitch } from './camera';
import { Minimap } from './minimap';
import { Overlay } from './overlay';
import { detailAt, type Mine, Painter, type Shown } from './painter';
import { paletteOf, readTokens } from './palette';
import { CanvasPool, TileLayer, type Window } from './tileLayer';

export interface MapTells {
  // A seat was tapped, where it stands on the screen.
  picked(place: number, touch: boolean): void;
  // The pointer rests on a seat, or left it.
  hovered(place: number | undefined, at: { x: number; y: number }): void;
  // What the view shows: the block in its middle, and whether it is zoomed in at all.
  moved(view: { section: number | undefined; fitted: boolean; numbered: boolean }): void;
  taken(place: number): void;
}

const FIT_MARGIN = 16;
// The row of controls at the foot of the plan.
const FOOT_PIXELS = 60;
// A seat as far from its neighbour as this can be tapped with a finger, with a mouse.
const TOUCH_PIXELS = 21;
const MOUSE_PIXELS = 11;
const BLOCK_TOUCH_PIXELS = { least: 27, most: 46 };
const BLOCK_MOUSE_PIXELS = { least: 20, most: 40 };
const LARGEST_PIXELS = 72;
// As long as most of the hall is in sight, a small one beside it says nothing.
const MINIMAP_FROM = 1.5;
const SETTLE_MS = 110;
// What is not in sight yet is painted when the plan has stood still for so long.
const AHEAD_MS = 700;
// Changes are painted in batches, rarer while the plan is moved.
const LIVE_MS = 120;
// In a rush, and while the plan is moved: handing the pictures over is what costs, not painting them.
const LIVE_RUSH_MS = 350;
const RUSH_SEATS = 16;
const LIVE_MOVING_MS = 500;
// Where a round of it takes long, the next one waits for as long again; but nobody waits for longer than this.
const LIVE_MAX_MS = 650;
const BASE_MS = 3_000;
const FLY_MS = 420;
const FRAME_BUDGET_MS = 5;
const REST_BUDGET_MS = 9;
const TAP_MOVE_PIXELS = 9;
const TAP_MS = 600;
const DOUBLE_TAP_MS = 320;
const RATIO_MAX = 2;
// Beyond so many at once, painting anew is cheaper than one by one.
const DIRTY_MAX = 3_000;

export class MapView {
  readonly painter: Painter;
  private readonly element: HTMLElement;
  private readonly store: SeatStore;
  private readonly plan: HallPlan;
  private readonly tell: MapTells;
  private readonly index: SpatialIndex;
  private readonly layers: HTMLElement;
  private readonly ground: HTMLElement;
  private readonly pictures: HTMLElement;
  private readonly pool: CanvasPool;
  private readonly overlay: Overlay;
  private readonly minimap: Minimap;
  private readonly behavior: ZoomBehavior<HTMLElement, unknown>;
  private readonly observer: ResizeObserver;
  private readonly abort = new AbortController();
  private readonly forget: (() => void)[] = [];
  private view: Size = { width: 0, height: 0 };
  private camera: Camera = { x: 0, y: 0, k: 1 };
  private home: Camera = { x: 0, y: 0, k: 1 };
  private base: TileLayer | undefined;
  private before: TileLayer | undefined;
  private now: TileLayer | undefined;
  private scaledAt = 0;
  private movedAt = 0;
  private repaintedAt = 0;
  private roundMs = 0; // of the last round of repainting
  private inRound = false;
  private basedAt = performance.now();
  private frameAsked = 0;
  private later: { at: number; timer: ReturnType<typeof setTimeout> } | undefined;
  private flight: { from: Camera; to: Camera; begun: number; ms: number } | undefined;
  private shown: Shown = { mine: new Map(), tiers: undefined };
  private dirty: number[] = [];
  private readonly isDirty: Uint8Array;
  private allDirty = false;
  private readonly fullness: Uint8Array;
  private touched = false; // somebody moved the plan: a resize must not throw that away
  private press: { x: number; y: number; at: number; touch: boolean; id: number } | undefined;
  private lastTap = { x: 0, y: 0, at: -1e9 };
  private lastPicked = -1;
  private pointers = 0;
  private said = '';

  constructor(element: HTMLElement, minimap: HTMLElement, store: SeatStore, dark: boolean, tell: MapTells) {
    this.element = element;
    this.store = store;
    this.plan = store.plan;
    this.tell = tell;
    const { plan } = this;
    this.isDirty = new Uint8Array(plan.count);
    this.fullness = new Uint8Array(plan.sections.length);
    this.index = new SpatialIndex(plan.x, plan.y, plan.grid);
    this.painter = new Painter(store, this.index, paletteOf(plan, dark, readTokens(dark)));
    const ratio = Math.min(RATIO_MAX, window.devicePixelRatio || 1);
    this.pool = new CanvasPool(ratio);
    this.painter.setRatio(ratio);
    const host = (parent: HTMLElement) => {
      const made = document.createElement('div');
      made.className = 'absolute inset-0 overflow-hidden';
      parent.append(made);
      return made;
    };
    this.layers = host(element);
    element.prepend(this.layers);
    this.ground = host(this.layers);
    this.pictures = host(this.layers);
    this.overlay = new Overlay(this.layers, () => matchMedia('(prefers-reduced-motion: reduce)').matches);
    this.minimap = new Minimap(minimap, this.painter, ratio, (x, y) => this.centreOn(x, y));

    this.behavior = zoom<HTMLElement, unknown>()
      .filter((event: Event) => this.wantsGesture(event))
      .wheelDelta(
        (event: WheelEvent) =>
          -event.deltaY *
          (event.deltaMode === 1 ? 0.05 : event.deltaMode ? 1 : 0.0022) *
          (event.ctrlKey ? 5 : 1),
      )
      .constrain((transform) => {
        const kept = held(
          { x: transform.x, y: transform.y, k: transform.k },
          plan.box,
          this.view,
          FOOT_PIXELS,
        );
        return kept.x === transform.x && kept.y === transform.y
          ? transform
          : zoomIdentity.translate(kept.x, kept.y).scale(kept.k);
      })
      .on('start', (event: D3ZoomEvent<HTMLElement, unknown>) => {
        if (event.sourceEvent) this.flight = undefined;
        this.setHover(undefined);
      })
      .on('zoom', (event: D3ZoomEvent<HTMLElement, unknown>) => {
        if (event.sourceEvent) this.touched = true;
        const { x, y, k } = event.transform;
        this.cameraMoved({ x, y, k });
      });
    select(element).call(this.behavior).on('dblclick.zoom', null);
    this.listen();

    this.forget.push(
      store.onSeat((place, from, to) => this.seatChanged(place, from, to)),
      store.onReset(() => {
        this.allDirty = true;
        this.askFrame();
      }),
    );
    this.observer = new ResizeObserver(() => this.resized());
    this.observer.observe(element);
    this.resized();
  }

  destroy(): void {
    this.abort.abort();
    this.observer.disconnect();
    for (const forget of this.forget) forget();
    cancelAnimationFrame(this.frameAsked);
    clearTimeout(this.later?.timer);
    select(this.element).on('.zoom', null);
    this.base?.destroy();
    this.before?.destroy();
    this.now?.destroy();
    this.overlay.destroy();
    this.minimap.destroy();
    this.layers.remove();
  }

  // ── What to show ─────────────────────────────────────────────────────────────────────────────

  setTheme(dark: boolean): void {
    this.painter.setPalette(paletteOf(this.plan, dark, readTokens(dark)));
    this.spoilAll();
  }

  setMine(mine: ReadonlyMap<number, Mine>): void {
    const before = this.shown.mine;
    this.shown = { ...this.shown, mine };
    this.painter.setShown(this.shown);
    const pins: { place: number; x: number; y: number; kind: string }[] = [];
    for (const id of new Set([...before.keys(), ...mine.keys()])) {
      const place = this.store.placeOf(id);
      if (place === undefined) continue;
      if (before.get(id) !== mine.get(id)) this.markDirty(place);
      const kind = mine.get(id);
      if (kind === undefined || ((this.plan.flags[place] ?? 0) & UNPLACED) !== 0) continue;
      pins.push({ place, kind, x: this.plan.x[place] ?? 0, y: this.plan.y[place] ?? 0 });
    }
    this.overlay.pin(pins);
    this.overlay.showPins(!this.numbered());
    this.askFrame();
  }

  setTiers(tiers: ReadonlySet<number> | undefined): void {
    this.shown = { ...this.shown, tiers };
    this.painter.setShown(this.shown);
    this.spoilAll();
  }

  // The seat that the keyboard is on; the plan follows it.
  setFocus(place: number | undefined): void {
    this.overlay.ring('focus', place === undefined ? undefined : this.ringAt(place));
    if (place === undefined || ((this.plan.flags[place] ?? 0) & UNPLACED) !== 0) return;
    const x = this.plan.x[place] ?? 0;
    const y = this.plan.y[place] ?? 0;
    const atX = x * this.camera.k + this.camera.x;
    const atY = y * this.camera.k + this.camera.y;
    const { width, height } = this.view;
    const seen = atX > 48 && atY > 48 && atX < width - 48 && atY < height - 48;
    if (seen && detailAt(this.plan, this.camera.k) === 'seats') return;
    const k = Math.max(this.camera.k, scaleForPitch(this.pitchOf(place), BLOCK_MOUSE_PIXELS.least));
    this.flyTo(centred(x, y, k, this.view));
  }

  // ── Moving ───────────────────────────────────────────────────────────────────────────────────

  fit(): void {
    this.touched = false;
    this.flyTo(this.home);
  }
  zoomBy(factor: number): void {
    const { width, height } = this.view;
    const x = (width / 2 - this.camera.x) / this.camera.k;
    const y = (height / 2 - this.camera.y) / this.camera.k;
    this.flyTo(centred(x, y, this.withinScales(this.camera.k * factor), this.view), 180);
  }
  panBy(x: number, y: number): void {
    this.flyTo({ k: this.camera.k, x: this.camera.x + x, y: this.camera.y + y }, 120);
  }
  showSection(s: number, wanted?: { x: number; y: number }, touch = coarse()): void {
    const section = this.plan.sections[s];
    if (!section?.box) return;
    const pixels = touch ? BLOCK_TOUCH_PIXELS : BLOCK_MOUSE_PIXELS;
    this.flyTo(onBlock(section.box, section.pitch, this.view, wanted, pixels));
  }
  showPlace(place: number): void {
    const { x, y } = { x: this.plan.x[place] ?? 0, y: this.plan.y[place] ?? 0 };
    this.showSection(this.plan.sectionOf[place] ?? 0, { x, y });
  }

  private centreOn(x: number, y: number): void {
    this.flight = undefined;
    this.touched = true;
    this.apply(held(centred(x, y, this.camera.k, this.view), this.plan.box, this.view, FOOT_PIXELS));
  }

  private withinScales(k: number): number {
    return Math.min(this.largest(), Math.max(this.home.k, k));
  }
  private largest(): number {
    return Math.max(scaleForPitch(this.plan.pitch, LARGEST_PIXELS), this.home.k);
  }

  flyTo(to: Camera, ms = FLY_MS): void {
    const target = held({ ...to, k: this.withinScales(to.k) }, this.plan.box, this.view, FOOT_PIXELS);
    if (to !== this.home) this.touched = true;
    if (matchMedia('(prefers-reduced-motion: reduce)').matches || ms === 0) {
      this.flight = undefined;
      this.apply(target);
      return;
    }
    this.flight = { from: this.camera, to: target, begun: performance.now(), ms };
    this.askFrame();
  }

  private apply(camera: Camera): void {
    this.behavior.transform(select(this.element), zoomIdentity.translate(camera.x, camera.y).scale(camera.k));
  }

  private cameraMoved(camera: Camera): void {
    this.movedAt = performance.now();
    if (camera.k !== this.camera.k) this.scaledAt = this.movedAt;
    this.camera = camera;
    this.askFrame();
  }

  private resized(): void {
    const width = this.element.clientWidth;
    const height = this.element.clientHeight;
    if (width === 0 || height === 0) return;
    if (width === this.view.width && height === this.view.height) return;
    const before = this.view;
    const middle = {
      x: (before.width / 2 - this.camera.x) / this.camera.k,
      y: (before.height / 2 - this.camera.y) / this.camera.k,
    };
    this.view = { width, height };
    this.home = fitted(this.plan.box, this.view, FIT_MARGIN, FOOT_PIXELS);
    this.behavior.extent([
      [0, 0],
      [width, height],
    ]);
    this.behavior.scaleExtent([Math.min(this.home.k, this.camera.k), this.largest()]);
    if (this.base && this.base.k !== this.home.k) {
      this.base.destroy();
      this.base = undefined;
    }
    this.askFrame();
    // The cart grows under the plan when a seat is chosen: the plan must not slip away under the thumb
    // that is about to choose the next.
    if (before.width === width) return;
    this.flight = undefined;
    if (before.width === 0 || !this.touched) {
      this.apply(this.home);
      return;
    }
    const k = this.withinScales(this.camera.k);
    this.apply(held(centred(middle.x, middle.y, k, this.view), this.plan.box, this.view, FOOT_PIXELS));
  }

  // ── Seats that change ────────────────────────────────────────────────────────────────────────

  private markDirty(place: number): void {
    if (this.isDirty[place]) return;
    this.isDirty[place] = 1;
    this.dirty.push(place);
    if (this.dirty.length > DIRTY_MAX) this.allDirty = true;
  }

  private seatChanged(place: number, from: number, to: number): void {
    this.markDirty(place);
    if (from === AVAILABLE && to !== AVAILABLE && !this.shown.mine.has(this.plan.ids[place] ?? 0)) {
      this.tell.taken(place);
      this.flash(place);
    }
    this.askFrameIn(this.untilRepaint());
  }

  private flash(place: number): void {
    if (document.visibilityState === 'hidden') return;
    if (((this.plan.flags[place] ?? 0) & UNPLACED) !== 0) return;
    const { x, y, radius } = this.ringAt(place);
    const atX = x * this.camera.k + this.camera.x;
    const atY = y * this.camera.k + this.camera.y;
    if (atX < 0 || atY < 0 || atX > this.view.width || atY > this.view.height) return;
    this.overlay.flash(x, y, radius);
  }

  // How long what changed has to wait for its turn.
  private untilRepaint(): number {
    const calm = this.dirty.length > RUSH_SEATS ? LIVE_RUSH_MS : LIVE_MS;
    const calmest = Math.min(LIVE_MAX_MS, Math.max(calm, 2.5 * this.roundMs));
    const wait = this.stands() ? calmest : LIVE_MOVING_MS;
    return this.repaintedAt + wait - performance.now();
  }

  // What changed, at most so often; the last scale's pictures are about to go and are left alone.
  private repaintDirty(): void {
    if (this.dirty.length === 0 && !this.allDirty) return;
    const wait = this.untilRepaint();
    if (wait > 0) {
      this.askFrameIn(wait);
      return;
    }
    this.repaintedAt = performance.now();
    this.inRound = true;
    const { now } = this;
    if (this.allDirty) {
      this.allDirty = false;
      this.base?.spoil();
      now?.spoil();
      this.minimap.spoil();
    } else {
      const window = this.windowOf(now?.k ?? 1);
      for (const place of this.dirty) {
        if (((this.plan.flags[place] ?? 0) & UNPLACED) !== 0) continue;
        const x = this.plan.x[place] ?? 0;
        const y = this.plan.y[place] ?? 0;
        now?.repaintSeat(place, x, y, window);
        this.noteFullness(this.plan.sectionOf[place] ?? 0);
      }
    }
    for (const place of this.dirty) this.isDirty[place] = 0;
    this.dirty = [];
  }

  // The colour of a block changes in steps; only a step paints it anew.
  private noteFullness(s: number): void {
    const fullness = this.painter.fullness(s);
    if (fullness === this.fullness[s]) return;
    this.fullness[s] = fullness;
    const box = this.plan.sections[s]?.box;
    if (!box) return;
    const reach = this.plan.pitch;
    for (const layer of [this.base, this.now]) {
      if (layer?.detail !== 'blocks') continue;
      const { k } = layer;
      layer.spoil({
        x0: (box.x0 - reach) * k,
        y0: (box.y0 - reach) * k,
        x1: (box.x1 + reach) * k,
        y1: (box.y1 + reach) * k,
      });
    }
    this.minimap.spoil();
  }

  private spoilAll(): void {
    this.allDirty = true;
    this.askFrame();
  }

  // ── Frames ───────────────────────────────────────────────────────────────────────────────────

  private askFrame(): void {
    if (this.frameAsked !== 0 || this.view.width === 0) return;
    this.frameAsked = requestAnimationFrame(() => {
      this.frameAsked = 0;
      this.frame();
    });
  }

  private askFrameIn(ms: number): void {
    if (ms <= 0) {
      this.askFrame();
      return;
    }
    const at = performance.now() + ms;
    if (this.later && this.later.at <= at) return;
    clearTimeout(this.later?.timer);
    const timer = setTimeout(() => {
      this.later = undefined;
      this.askFrame();
    }, ms);
    this.later = { at, timer };
  }

  private moving(): boolean {
    return this.flight !== undefined || performance.now() - this.scaledAt < SETTLE_MS;
  }
  // Nobody moves it at all.
  private stands(): boolean {
    return this.flight === undefined && this.pointers === 0 && performance.now() - this.movedAt >= SETTLE_MS;
  }

  private windowOf(k: number): Window {
    const scale = k / this.camera.k;
    const x0 = -this.camera.x * scale;
    const y0 = -this.camera.y * scale;
    return { x0, y0, x1: x0 + this.view.width * scale, y1: y0 + this.view.height * scale };
  }

  private frame(): void {
    const begun = performance.now();
    if (this.flight) {
      const { from, to, begun: since, ms } = this.flight;
      const share = Math.min(1, (begun - since) / ms);
      if (share >= 1) this.flight = undefined;
      this.apply(share >= 1 ? to : between(from, to, this.view, share));
      if (this.flight) this.askFrame();
    }
    const { camera } = this;
    const moving = this.moving();
    const stands = this.stands();

    this.base ??= new TileLayer(
      this.ground,
      this.painter,
      this.pool,
      this.home.k,
      this.windowOf(this.home.k),
      'blocks',
    );
    this.now ??= this.layer(camera.k);
    const drift = this.now.k === camera.k ? 1 : camera.k / this.now.k;
    // At rest every scale gets its own pictures; on the way, only when these have become too coarse.
    if (drift !== 1 && (!moving || drift > 2.6 || drift < 0.38)) {
      const complete = this.now.want(this.windowOf(this.now.k), 0);
      if (complete || !this.before) {
        this.before?.destroy();
        this.before = this.now;
      } else {
        this.now.destroy();
      }
      this.now = this.layer(camera.k);
    }

    this.repaintDirty();
    const until = begun + (stands ? REST_BUDGET_MS : FRAME_BUDGET_MS);
    const complete = this.now.want(this.windowOf(this.now.k), 0);
    const atRest = !moving && drift === 1;
    // While the scale is changing, the coarse pictures do; painting waits for rest.
    let done = true;
    if (atRest || !this.before) done = this.now.work(this.windowOf(this.now.k), until);
    if (done && this.inRound) {
      this.inRound = false;
      this.roundMs = performance.now() - this.repaintedAt;
    }
    // What lies below everything is painted when there is nothing above it, and now and then.
    if (done && performance.now() < until && (!complete || begun - this.basedAt > BASE_MS)) {
      this.basedAt = begun;
      this.base.want(this.windowOf(this.base.k), 0);
      done = this.base.work(this.windowOf(this.base.k), until);
    }
    if (done && atRest && complete) {
      this.before?.destroy();
      this.before = undefined;
      // One more ring, for the next move.
      const wait = this.movedAt + AHEAD_MS - performance.now();
      if (wait > 0) {
        this.askFrameIn(wait);
      } else if (performance.now() < until && this.now.size < 60) {
        this.now.want(this.windowOf(this.now.k), 1);
        done = this.now.work(this.windowOf(this.now.k), until);
      }
    }

    this.base.move(camera.x, camera.y, camera.k);
    this.before?.move(camera.x, camera.y, camera.k);
    this.now.move(camera.x, camera.y, camera.k);
    this.overlay.move(camera);
    this.overlay.showPins(!this.numbered());
    const atHome = camera.k <= this.home.k * 1.02;
    this.minimap.show(camera.k > this.home.k * MINIMAP_FROM && this.view.height >= 260, {
      x0: -camera.x / camera.k,
      y0: -camera.y / camera.k,
      x1: (this.view.width - camera.x) / camera.k,
      y1: (this.view.height - camera.y) / camera.k,
    });
    if (!done || moving || !complete) this.askFrame();
    // What the view shows now is told when it stands: whoever is told has work with it.
    if (stands) this.sayView(atHome);
    else this.askFrameIn(SETTLE_MS);
  }

  private layer(k: number): TileLayer {
    return new TileLayer(this.pictures, this.painter, this.pool, k, this.windowOf(k));
  }

  private numbered(): boolean {
    return detailAt(this.plan, this.camera.k) === 'seats' && this.plan.pitch * this.camera.k >= MOUSE_PIXELS;
  }

  private sayView(atHome: boolean): void {
    const x = (this.view.width / 2 - this.camera.x) / this.camera.k;
    const y = (this.view.height / 2 - this.camera.y) / this.camera.k;
    const section = atHome ? -1 : this.painter.blockAt(x, y, Infinity);
    const numbered = this.numbered();
    const key = `${section} ${atHome} ${numbered}`;
    if (key === this.said) return;
    this.said = key;
    this.tell.moved({ section: section < 0 ? undefined : section, fitted: atHome, numbered });
  }

  // ── Pointers ─────────────────────────────────────────────────────────────────────────────────

  private wantsGesture(event: Event): boolean {
    if (event.target instanceof Element && event.target.closest('[data-map-ui]')) return false;
    return !(event instanceof MouseEvent) || event.type === 'wheel' || event.button === 0;
  }

  private listen(): void {
    const { signal } = this.abort;
    const on = <K extends keyof HTMLElementEventMap>(type: K, run: (event: HTMLElementEventMap[K]) => void) =>
      this.element.addEventListener(type, run, { signal, passive: true });
    on('pointerdown', (event) => {
      ++this.pointers;
      if (!this.wantsGesture(event) || !event.isPrimary || this.pointers > 1) {
        this.press = undefined;
        return;
      }
      const touch = event.pointerType !== 'mouse';
      this.press = { x: event.clientX, y: event.clientY, at: event.timeStamp, touch, id: event.pointerId };
    });
    const lifted = (event: PointerEvent) => {
      this.pointers = Math.max(0, this.pointers - 1);
      const { press } = this;
      if (!press || press.id !== event.pointerId) return;
      this.press = undefined;
      if (event.type === 'pointercancel' || event.timeStamp - press.at > TAP_MS) return;
      if (Math.hypot(event.clientX - press.x, event.clientY - press.y) > TAP_MOVE_PIXELS) return;
      this.tapped(event, press.touch);
    };
    // A gesture may end outside of the plan.
    window.addEventListener('pointerup', lifted, { signal });
    window.addEventListener('pointercancel', lifted, { signal });
    on('pointermove', (event) => {
      if (event.pointerType !== 'mouse' || this.pointers > 0) return;
      if (event.target instanceof Element && event.target.closest('[data-map-ui]')) {
        this.setHover(undefined);
        return;
      }
      const at = this.local(event);
      this.setHover(this.seatAt(at.x, at.y, false));
    });
    on('pointerleave', () => this.setHover(undefined));
  }

  private local(event: { clientX: number; clientY: number }): { x: number; y: number } {
    const box = this.element.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  // The seat at a point of the screen, if seats are large enough there to mean one of them.
  private seatAt(x: number, y: number, touch: boolean): number | undefined {
    const { k } = this.camera;
    const least = touch ? TOUCH_PIXELS : MOUSE_PIXELS;
    const hallX = (x - this.camera.x) / k;
    const hallY = (y - this.camera.y) / k;
    const place = this.index.nearest(hallX, hallY, touch ? 24 / k : 14 / k);
    if (place < 0) return undefined;
    const pitch = this.pitchOf(place);
    if (pitch * k < least) return undefined;
    const apart = Math.hypot((this.plan.x[place] ?? 0) - hallX, (this.plan.y[place] ?? 0) - hallY);
    return apart <= Math.max(pitch * (touch ? 0.8 : 0.55), touch ? 16 / k : 0) ? place : undefined;
  }

  private tapped(event: PointerEvent, touch: boolean): void {
    const at = this.local(event);
    const double =
      event.timeStamp - this.lastTap.at < DOUBLE_TAP_MS &&
      Math.hypot(at.x - this.lastTap.x, at.y - this.lastTap.y) < 32;
    this.lastTap = { ...at, at: double ? -1e9 : event.timeStamp };
    const place = this.seatAt(at.x, at.y, touch);
    if (place !== undefined) {
      // The second tap of a double one is no second wish, but the next seat is.
      if (!double || place !== this.lastPicked) this.tell.picked(place, touch);
      this.lastPicked = place;
      return;
    }
    const x = (at.x - this.camera.x) / this.camera.k;
    const y = (at.y - this.camera.y) / this.camera.k;
    const section = this.painter.blockAt(x, y, (touch ? 24 : 8) / this.camera.k);
    const pixels = this.plan.pitch * this.camera.k;
    if (section >= 0 && pixels < (touch ? TOUCH_PIXELS : MOUSE_PIXELS)) {
      this.showSection(section, { x, y }, touch);
    } else if (double) {
      const k = this.withinScales(this.camera.k * 2);
      this.flyTo({ k, x: at.x - x * k, y: at.y - y * k }, 220);
    }
  }

  private setHover(place: number | undefined): void {
    if (place === undefined) {
      this.overlay.ring('hover', undefined);
      this.tell.hovered(undefined, { x: 0, y: 0 });
      this.element.style.cursor = '';
      return;
    }
    const ring = this.ringAt(place);
    this.overlay.ring('hover', ring);
    this.element.style.cursor = 'pointer';
    this.tell.hovered(place, {
      x: ring.x * this.camera.k + this.camera.x,
      y: ring.y * this.camera.k + this.camera.y,
    });
  }

  // Where a seat stands on the screen now.
  screenOf(place: number): { x: number; y: number } {
    return {
      x: (this.plan.x[place] ?? 0) * this.camera.k + this.camera.x,
      y: (this.plan.y[place] ?? 0) * this.camera.k + this.camera.y,
    };
  }

  private pitchOf(place: number): number {
    return this.plan.sections[this.plan.sectionOf[place] ?? 0]?.pitch ?? this.plan.pitch;
  }
  private ringAt(place: number): { x: number; y: number; radius: number } {
    return { x: this.plan.x[place] ?? 0, y: this.plan.y[place] ?? 0, radius: this.pitchOf(place) * 0.43 };
  }
}

function coarse(): boolean {
  return typeof matchMedia !== 'undefined' && matchMedia('(pointer: coarse)').matches;
}
