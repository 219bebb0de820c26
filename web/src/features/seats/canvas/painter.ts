// Paints any rectangle of the hall at any scale. Three levels of detail, by how many pixels a seat has:
//
//   blocks   a block is one shape, coloured by its usual tier, the paler the less is left; hatched when gone
//   rows     each seat a dot; a row reads as a bar, gaps as gaps
//   seats    each seat its tier's shape and its state's sign, with its number when there is room
//
// A picture is painted in slices (a generator), so that no frame waits for it. One seat can be painted
// again over an existing picture: its disc is wiped with the panel's colour first; discs of neighbours
// do not touch.

import { contains, distanceToOutline } from '../model/outline';
import {
  type Area,
  type HallPlan,
  type Section,
  seatName,
  UNPLACED,
  UNPRICED,
  WHEELCHAIR,
} from '../model/plan';
import { BLOCKED, HELD, SOLD } from '../model/seatMapCodec';
import type { SeatStore } from '../model/seatStore';
import type { SpatialIndex } from '../model/spatialIndex';
import { cssOf, inkOn, mix, parseColor } from './colors';
import type { Palette, TierLook } from './palette';
import { drawLook, isMine, type Look } from './sprites';
import { type Context, contextOf, makeSurface, type Surface } from './surface';

// Finished pixels are drawn faster than a canvas that might still change.
type Sprite = ImageBitmap | Surface;

export type Mine = 'holding' | 'held' | 'ordered';
export type Detail = 'blocks' | 'rows' | 'seats';

export const ROWS_FROM_PIXELS = 3.2;
export const SEATS_FROM_PIXELS = 8.5;
export const NUMBERS_FROM_PIXELS = 19;
const ROW_NAMES_FROM_PIXELS = 13;
// Of the distance to the next seat; two discs leave a gap.
const SEAT_RADIUS = 0.43;
const SLICE_SEATS = 160;
export const FULLNESS_STEPS = 16;

export interface View {
  readonly k: number; // CSS pixels a unit
  readonly x0: number; // the corner, in units
  readonly y0: number;
  readonly width: number; // CSS pixels
  readonly height: number;
}

export interface Shown {
  readonly mine: ReadonlyMap<number, Mine>;
  // Positions of the tiers that the price filter lets through; undefined: all.
  readonly tiers: ReadonlySet<number> | undefined;
}

export function detailAt(plan: HallPlan, k: number): Detail {
  const pixels = plan.pitch * k;
  if (pixels < ROWS_FROM_PIXELS) return 'blocks';
  return pixels < SEATS_FROM_PIXELS ? 'rows' : 'seats';
}

export class Painter {
  readonly plan: HallPlan;
  private readonly store: SeatStore;
  private readonly index: SpatialIndex;
  private palette: Palette;
  private shown: Shown = { mine: new Map(), tiers: undefined };
  private ratio = 1;
  private readonly sprites = new Map<string, Sprite>();
  private readonly tierOfSection: Int32Array;

  constructor(store: SeatStore, index: SpatialIndex, palette: Palette) {
    this.store = store;
    this.plan = store.plan;
    this.index = index;
    this.palette = palette;
    this.tierOfSection = usualTiers(store.plan);
  }

  setPalette(palette: Palette): void {
    this.palette = palette;
    this.sprites.clear();
  }
  setRatio(ratio: number): void {
    if (ratio === this.ratio) return;
    this.ratio = ratio;
    this.sprites.clear();
  }
  setShown(shown: Shown): void {
    this.shown = shown;
  }

  // 0 … FULLNESS_STEPS: what the colour of a block says.
  fullness(section: number): number {
    const { count } = this.plan.sections[section] ?? { count: 0 };
    const left = this.store.availableOfSection[section] ?? 0;
    if (left <= 0 || count === 0) return 0;
    return Math.max(1, Math.round((left / count) * FULLNESS_STEPS));
  }

  reachPixels(place: number, k: number): number {
    return this.radius(place) * k + 1.5;
  }

  // One picture. Runs until done or until the caller stops asking.
  *paint(
    context: Context,
    view: View,
    detail = detailAt(this.plan, view.k),
    texts = true,
  ): Generator<undefined, void, undefined> {
    const { plan } = this;
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.fillStyle = cssOf(this.palette.paper);
    context.fillRect(0, 0, view.width, view.height);
    this.paintAreas(context, view);
    const sections = this.sectionsIn(view);
    if (detail === 'blocks') {
      let painted = 0;
      for (const section of sections) {
        this.paintBlock(context, view, section);
        if (++painted % 40 === 0) yield undefined;
      }
      if (!texts) return;
      this.paintAreaTexts(context, view);
      for (const section of sections) this.paintBlockName(context, view, section, true);
      return;
    }
    for (const section of sections) this.paintPanel(context, view, section);
    yield undefined;
    const margin = (plan.pitch * view.k) / 2 + 2;
    const places: number[] = [];
    this.index.within(
      view.x0 - margin / view.k,
      view.y0 - margin / view.k,
      view.x0 + (view.width + margin) / view.k,
      view.y0 + (view.height + margin) / view.k,
      (place) => places.push(place),
    );
    const slice = detail === 'rows' ? SLICE_SEATS * 4 : SLICE_SEATS;
    for (let from = 0; from < places.length; from += slice) {
      const to = Math.min(places.length, from + slice);
      for (let i = from; i < to; ++i) this.paintSeat(context, view, detail, places[i] ?? 0);
      yield undefined;
    }
    if (detail === 'seats' && plan.pitch * view.k >= ROW_NAMES_FROM_PIXELS) {
      for (const section of sections) this.paintRowNames(context, view, section);
    }
    this.paintAreaTexts(context, view);
    if (detail === 'rows') for (const section of sections) this.paintBlockName(context, view, section, false);
  }

  // One seat over a finished picture.
  repaintSeat(context: Context, view: View, place: number): void {
    const detail = detailAt(this.plan, view.k);
    if (detail === 'blocks') return;
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    const x = ((this.plan.x[place] ?? 0) - view.x0) * view.k;
    const y = ((this.plan.y[place] ?? 0) - view.y0) * view.k;
    const radius = this.radius(place) * view.k;
    context.fillStyle = cssOf(this.palette.panel);
    if (detail === 'rows') {
      context.fillRect(x - radius - 0.5, y - radius - 0.5, 2 * radius + 1, 2 * radius + 1);
    } else {
      context.beginPath();
      context.arc(x, y, radius + 1, 0, Math.PI * 2);
      context.fill();
    }
    this.paintSeat(context, view, detail, place);
  }

  private sectionsIn(view: View): number[] {
    const x1 = view.x0 + view.width / view.k;
    const y1 = view.y0 + view.height / view.k;
    const found: number[] = [];
    for (const [s, section] of this.plan.sections.entries()) {
      const { box, pitch } = section;
      if (!box) continue;
      const margin = pitch * 3;
      if (box.x0 - margin > x1 || box.x1 + margin < view.x0) continue;
      if (box.y0 - margin > y1 || box.y1 + margin < view.y0) continue;
      found.push(s);
    }
    return found;
  }

  private radius(place: number): number {
    const section = this.plan.sections[this.plan.sectionOf[place] ?? 0];
    return (section?.pitch ?? this.plan.pitch) * SEAT_RADIUS;
  }

  private lookOf(place: number): Look {
    const mine = this.shown.mine.get(this.plan.ids[place] ?? 0);
    if (mine) return MINE_LOOKS[mine];
    const status = this.store.status[place];
    if (status === HELD) return 'held';
    if (status === SOLD) return 'sold';
    if (status === BLOCKED || ((this.plan.flags[place] ?? 0) & UNPRICED) !== 0) return 'blocked';
    const { tiers } = this.shown;
    return tiers && !tiers.has(this.plan.tierOf[place] ?? -1) ? 'dimmed' : 'available';
  }

  private tierLook(place: number): TierLook | undefined {
    return this.palette.tiers[this.plan.tierOf[place] ?? -1];
  }

  private paintSeat(context: Context, view: View, detail: Detail, place: number): void {
    const x = ((this.plan.x[place] ?? 0) - view.x0) * view.k;
    const y = ((this.plan.y[place] ?? 0) - view.y0) * view.k;
    const look = this.lookOf(place);
    const radius = this.radius(place) * view.k;
    if (detail === 'rows') {
      const size = look === 'available' || isMine(look) ? radius * 2 : radius * (look === 'held' ? 1.3 : 0.8);
      context.fillStyle =
        look === 'available'
          ? (this.tierLook(place)?.color ?? this.palette.taken)
          : isMine(look)
            ? this.palette.mine
            : look === 'held'
              ? this.palette.taken
              : this.palette.dimmed;
      context.fillRect(x - size / 2, y - size / 2, size, size);
      return;
    }
    const wheelchair = ((this.plan.flags[place] ?? 0) & WHEELCHAIR) !== 0;
    const tier = this.plan.tierOf[place] ?? -1;
    const numbered = view.k * this.plan.pitch >= NUMBERS_FROM_PIXELS;
    const sign = wheelchair && radius >= 4;
    const sprite = this.sprite(look, tier, radius, sign);
    const half = sprite.width / this.ratio / 2;
    // On whole device pixels, so that equal seats look equal.
    const snap = (value: number) => Math.round((value - half) * this.ratio) / this.ratio;
    context.drawImage(sprite, snap(x), snap(y), half * 2, half * 2);
    if (!numbered || sign || (look !== 'available' && look !== 'dimmed')) return;
    const name = seatName(this.plan, place);
    if (name.length === 0 || name.length > 4) return;
    context.fillStyle = look === 'dimmed' ? this.palette.softText : (this.tierLook(place)?.ink ?? '#fff');
    context.font = `600 ${Math.min(15, radius * (name.length > 2 ? 0.78 : 0.98))}px ${this.palette.font}`;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    context.fillText(name, x, y + radius * 0.06);
  }

  private sprite(look: Look, tier: number, radius: number, wheelchair: boolean): Sprite {
    const size = Math.round(radius * 8) / 8;
    const key = `${look} ${look === 'available' || isMine(look) ? tier : 0} ${size} ${wheelchair ? 1 : 0}`;
    let sprite = this.sprites.get(key);
    if (!sprite) {
      // A hall of 10,000 tiers at many scales must not keep them all.
      if (this.sprites.size > 600) this.sprites.clear();
      sprite = this.makeSprite(look, tier, size, wheelchair);
      this.sprites.set(key, sprite);
    }
    return sprite;
  }

  private makeSprite(look: Look, tier: number, radius: number, wheelchair: boolean): Sprite {
    const size = Math.ceil((radius + 1) * 2 * this.ratio);
    const surface = makeSurface(size, size);
    const context = contextOf(surface, false);
    if (!context) return surface;
    context.setTransform(this.ratio, 0, 0, this.ratio, size / 2, size / 2);
    drawLook(context, look, this.palette.tiers[tier], radius, wheelchair, this.palette);
    return surface instanceof HTMLCanvasElement ? surface : surface.transferToImageBitmap();
  }

  private paintAreas(context: Context, view: View): void {
    for (const area of this.plan.areas) {
      if (area.shape.kind === 'text') continue;
      context.save();
      traceArea(context, area, view);
      const told = area.color === undefined ? undefined : parseColor(area.color);
      if (told) {
        context.fillStyle = cssOf(this.palette.dark ? mix(told, this.palette.paper, 0.72) : told);
        context.fill();
      }
      const line = area.borderColor === undefined ? undefined : parseColor(area.borderColor);
      if (line || !told) {
        context.strokeStyle = cssOf(
          line
            ? this.palette.dark
              ? mix(line, this.palette.paper, 0.6)
              : line
            : mix(this.palette.paper, this.palette.panel, 0.5),
        );
        context.lineWidth = 1.5;
        context.stroke();
      }
      context.restore();
    }
  }

  private paintAreaTexts(context: Context, view: View): void {
    for (const area of this.plan.areas) {
      const { text } = area;
      if (!text) continue;
      const room = areaWidth(area) * view.k;
      const wanted = (text.size ?? this.plan.pitch * 0.9) * view.k;
      const size = Math.min(34, Math.max(10, wanted));
      // A text without a shape is left out where it would be larger than what it names.
      if (room === 0 && wanted < 5) continue;
      context.font = `600 ${size}px ${this.palette.font}`;
      const width = context.measureText(text.text).width;
      if (room > 0 && width > room * 1.05) continue;
      const x = (text.x - view.x0) * view.k;
      const y = (text.y - view.y0) * view.k;
      if (x < -width || y < -size || x > view.width + width || y > view.height + size) continue;
      const under = area.color === undefined ? undefined : parseColor(area.color);
      context.fillStyle = under
        ? cssOf(inkOn(this.palette.dark ? mix(under, this.palette.paper, 0.72) : under))
        : this.palette.softText;
      context.textAlign = 'center';
      context.textBaseline = 'middle';
      context.fillText(text.text, x, y);
    }
  }

  private traceBlock(context: Context, view: View, section: Section): void {
    const { outline } = section;
    context.beginPath();
    for (let i = 0; i < outline.length; i += 2) {
      const x = ((outline[i] ?? 0) - view.x0) * view.k;
      const y = ((outline[i + 1] ?? 0) - view.y0) * view.k;
      if (i === 0) context.moveTo(x, y);
      else context.lineTo(x, y);
    }
    if (outline.length === 2) {
      context.lineTo(((outline[0] ?? 0) - view.x0) * view.k + 0.01, ((outline[1] ?? 0) - view.y0) * view.k);
    }
    context.closePath();
    context.lineJoin = 'round';
    context.lineCap = 'round';
  }

  private paintPanel(context: Context, view: View, s: number): void {
    const section = this.plan.sections[s];
    if (!section) return;
    this.traceBlock(context, view, section);
    const reach = section.pitch * view.k * 1.9;
    context.strokeStyle = this.palette.panelLine;
    context.lineWidth = reach + 2;
    context.stroke();
    context.fillStyle = cssOf(this.palette.panel);
    context.strokeStyle = cssOf(this.palette.panel);
    context.lineWidth = reach;
    context.fill();
    context.stroke();
  }

  private paintBlock(context: Context, view: View, s: number): void {
    const section = this.plan.sections[s];
    if (!section) return;
    const fill = this.blockColor(s);
    this.traceBlock(context, view, section);
    context.lineWidth = Math.max(1, section.pitch * view.k * 1.1);
    context.fillStyle = fill;
    context.strokeStyle = fill;
    context.fill();
    context.stroke();
    if (this.fullness(s) === 0) this.hatch(context, view, section);
  }

  // Sold out is a pattern, not only a paler colour.
  private hatch(context: Context, view: View, section: Section): void {
    const { box } = section;
    if (!box) return;
    context.save();
    this.traceBlock(context, view, section);
    context.clip();
    context.strokeStyle = this.palette.taken;
    context.lineWidth = 1;
    context.beginPath();
    const x0 = Math.max(-8, (box.x0 - view.x0) * view.k);
    const x1 = Math.min(view.width + 8, (box.x1 - view.x0) * view.k);
    const y0 = Math.max(-8, (box.y0 - view.y0) * view.k);
    const y1 = Math.min(view.height + 8, (box.y1 - view.y0) * view.k);
    const height = y1 - y0;
    // In step with the hall, so that the lines of two pictures meet.
    const phase = (((view.x0 + view.y0) * view.k) % 6) + ((x0 + y0) % 6);
    for (let x = x0 - height - phase; x < x1; x += 6) {
      context.moveTo(x, y1);
      context.lineTo(x + height, y0);
    }
    context.stroke();
    context.restore();
  }

  private blockColor(s: number): string {
    const { palette } = this;
    const fullness = this.fullness(s);
    const tier = this.tierOfSection[s] ?? -1;
    const { tiers } = this.shown;
    if (fullness === 0 || (tiers && !this.hasTier(s, tiers))) return palette.takenFill;
    const of = palette.tiers[tier]?.rgb ?? palette.panel;
    return cssOf(mix(palette.panel, of, 0.25 + (0.75 * fullness) / FULLNESS_STEPS));
  }

  private hasTier(s: number, tiers: ReadonlySet<number>): boolean {
    const section = this.plan.sections[s];
    if (!section) return false;
    // Rows share a tier as a rule: the first and last seat of each tell enough for a colour.
    for (let r = section.firstRow; r < section.firstRow + section.rowCount; ++r) {
      const row = this.plan.rows[r];
      if (!row) continue;
      if (tiers.has(this.plan.tierOf[row.first] ?? -1)) return true;
      if (tiers.has(this.plan.tierOf[row.first + row.count - 1] ?? -1)) return true;
    }
    return false;
  }

  private paintBlockName(context: Context, view: View, s: number, blocks: boolean): void {
    const section = this.plan.sections[s];
    const name = section?.name ?? '';
    if (!section?.box || name === '') return;
    const width = (section.box.x1 - section.box.x0) * view.k;
    const height = (section.box.y1 - section.box.y0) * view.k;
    let size = Math.min(blocks ? 16 : 14, Math.max(8, Math.min(width, height) * 0.32));
    context.font = `700 ${size}px ${this.palette.font}`;
    let wide = context.measureText(name).width;
    const room = width + section.pitch * view.k;
    if (wide > room && size > 8) {
      size = Math.max(8, (size * room) / wide);
      context.font = `700 ${size}px ${this.palette.font}`;
      wide = context.measureText(name).width;
    }
    if (wide > room * 1.15 || height < size * 0.9) return;
    const x = (section.labelX - view.x0) * view.k;
    const y = (section.labelY - view.y0) * view.k;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    if (blocks) {
      const under = parseColor(this.blockColor(s)) ?? this.palette.panel;
      context.fillStyle = this.fullness(s) === 0 ? this.palette.softText : cssOf(inkOn(under));
      context.fillText(name, x, y);
      return;
    }
    // Over dots: on a plate of its own.
    context.fillStyle = cssOf(this.palette.panel);
    context.globalAlpha = 0.92;
    context.beginPath();
    context.roundRect(x - wide / 2 - 7, y - size * 0.8, wide + 14, size * 1.6, size * 0.8);
    context.fill();
    context.globalAlpha = 1;
    context.fillStyle = this.palette.text;
    context.fillText(name, x, y + 0.5);
  }

  private paintRowNames(context: Context, view: View, s: number): void {
    const section = this.plan.sections[s];
    if (!section) return;
    const { plan } = this;
    const size = Math.min(13, Math.max(8, section.pitch * view.k * 0.42));
    context.font = `500 ${size}px ${this.palette.font}`;
    context.fillStyle = this.palette.softText;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    for (let r = section.firstRow; r < section.firstRow + section.rowCount; ++r) {
      const row = plan.rows[r];
      if (!row || row.count < 2 || row.name === '') continue;
      const last = row.first + row.count - 1;
      this.rowName(context, view, row.name, row.first, row.first + 1, section.pitch);
      this.rowName(context, view, row.name, last, last - 1, section.pitch);
    }
  }

  private rowName(
    context: Context,
    view: View,
    name: string,
    end: number,
    beside: number,
    pitch: number,
  ): void {
    const { plan } = this;
    if (((plan.flags[end] ?? 0) & UNPLACED) !== 0 || ((plan.flags[beside] ?? 0) & UNPLACED) !== 0) return;
    const x = plan.x[end] ?? 0;
    const y = plan.y[end] ?? 0;
    const dx = x - (plan.x[beside] ?? 0);
    const dy = y - (plan.y[beside] ?? 0);
    const length = Math.hypot(dx, dy);
    if (length === 0) return;
    const atX = (x + (dx / length) * pitch * 0.76 - view.x0) * view.k;
    const atY = (y + (dy / length) * pitch * 0.76 - view.y0) * view.k;
    if (atX < -20 || atY < -20 || atX > view.width + 20 || atY > view.height + 20) return;
    context.fillText(name.length > 3 ? `${name.slice(0, 3)}…` : name, atX, atY);
  }

  // The block at a point of the hall, or the nearest no farther than `reach`.
  blockAt(x: number, y: number, reach: number): number {
    let best = -1;
    let least = Infinity;
    for (const [s, section] of this.plan.sections.entries()) {
      const { box, outline, pitch } = section;
      if (!box) continue;
      const away = Math.max(reach, pitch);
      if (x < box.x0 - away || x > box.x1 + away || y < box.y0 - away || y > box.y1 + away) continue;
      const apart = contains(outline, x, y) ? 0 : distanceToOutline(outline, x, y);
      if (apart <= away && apart < least) {
        least = apart;
        best = s;
      }
    }
    return best;
  }
}

const MINE_LOOKS: Readonly<Record<Mine, Look>> = {
  holding: 'mineHolding',
  held: 'mineHeld',
  ordered: 'mineOrdered',
};

// The tier that most seats of a block have.
function usualTiers(plan: HallPlan): Int32Array {
  return Int32Array.from(plan.sections, (section) => {
    const seen = new Map<number, number>();
    let usual = -1;
    let most = 0;
    for (let place = section.first; place < section.first + section.count; ++place) {
      const tier = plan.tierOf[place] ?? -1;
      const count = (seen.get(tier) ?? 0) + 1;
      seen.set(tier, count);
      if (count > most) {
        most = count;
        usual = tier;
      }
    }
    return usual;
  });
}

function areaWidth(area: Area): number {
  const { shape } = area;
  switch (shape.kind) {
    case 'rectangle':
      return shape.width;
    case 'ellipse':
      return shape.radiusX * 2;
    case 'polygon': {
      const xs = shape.points.map((point) => point.x);
      return Math.max(...xs) - Math.min(...xs);
    }
    case 'text':
      return 0;
  }
}

function traceArea(context: Context, area: Area, view: View): void {
  const { shape } = area;
  const toX = (x: number) => (x - view.x0) * view.k;
  const toY = (y: number) => (y - view.y0) * view.k;
  const turn = (area.rotation * Math.PI) / 180;
  const turnAbout = (x: number, y: number) => {
    if (turn === 0) return;
    context.translate(x, y);
    context.rotate(turn);
    context.translate(-x, -y);
  };
  context.beginPath();
  switch (shape.kind) {
    case 'rectangle':
      turnAbout(toX(shape.x), toY(shape.y));
      context.rect(toX(shape.x), toY(shape.y), shape.width * view.k, shape.height * view.k);
      break;
    case 'ellipse':
      context.ellipse(
        toX(shape.x),
        toY(shape.y),
        shape.radiusX * view.k,
        shape.radiusY * view.k,
        turn,
        0,
        Math.PI * 2,
      );
      break;
    case 'polygon': {
      const first = shape.points[0];
      if (first) turnAbout(toX(first.x), toY(first.y));
      for (const point of shape.points) context.lineTo(toX(point.x), toY(point.y));
      context.closePath();
      break;
    }
    case 'text':
      break;
  }
}
