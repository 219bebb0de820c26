// The hall at one scale, as pictures of 256 pixels laid side by side in one element. Panning moves that
// element; the compositor does it, no pixel is painted. A picture that is stale is painted anew out of
// sight and takes the old one's place when it is done, so nothing flickers and nothing waits.

import { type Detail, detailAt, type Painter, type View } from './painter';
import { type Context, contextOf, makeSurface, Picture, type Surface } from './surface';

export const TILE = 256; // CSS pixels
// Pictures overlap by so much: at a scale between two, their edges would show.
const BLEED = 1;
const SIDE = TILE + 2 * BLEED;
const PICTURES_MAX = 96;
// More seats of one picture than this are painted with all the others of it.
const PATCHES_MAX = 80;

interface Tile {
  readonly column: number;
  readonly line: number;
  readonly view: View;
  shown: Picture | undefined;
  painting: { surface: Surface; context: Context; work: Generator<undefined, void, undefined> } | undefined;
  stale: boolean;
  changed: number[]; // seats to paint over what is shown
}

export interface Window {
  readonly x0: number; // CSS pixels of this layer
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

// Pictures and what they are painted on go round: making them costs.
export class CanvasPool {
  private readonly pictures: Picture[] = [];
  private readonly surfaces: Surface[] = [];
  readonly ratio: number;
  readonly pixels: number;

  constructor(ratio: number) {
    this.ratio = ratio;
    this.pixels = Math.round(SIDE * ratio);
  }

  takePicture(): Picture {
    return this.pictures.pop() ?? new Picture(SIDE, this.pixels);
  }
  givePicture(picture: Picture): void {
    picture.element.remove();
    if (this.pictures.length < 24) this.pictures.push(picture);
    else picture.destroy();
  }
  takeSurface(): Surface {
    return this.surfaces.pop() ?? makeSurface(this.pixels, this.pixels);
  }
  giveSurface(surface: Surface): void {
    if (this.surfaces.length < 4) this.surfaces.push(surface);
  }
}

function inWindow(tile: { column: number; line: number }, window: Window): boolean {
  const x0 = tile.column * TILE;
  const y0 = tile.line * TILE;
  return x0 < window.x1 && y0 < window.y1 && x0 + TILE > window.x0 && y0 + TILE > window.y0;
}

export class TileLayer {
  readonly host: HTMLElement;
  readonly k: number;
  readonly detail: Detail;
  private readonly painter: Painter;
  private readonly pool: CanvasPool;
  private readonly tiles = new Map<string, Tile>();
  // Positions are told from here: far out, a browser's own coordinates would overflow.
  private readonly originColumn: number;
  private readonly originLine: number;

  constructor(
    parent: HTMLElement,
    painter: Painter,
    pool: CanvasPool,
    k: number,
    at: Window,
    detail = detailAt(painter.plan, k),
  ) {
    this.painter = painter;
    this.detail = detail;
    this.pool = pool;
    this.k = k;
    this.originColumn = Math.floor(at.x0 / TILE);
    this.originLine = Math.floor(at.y0 / TILE);
    this.host = document.createElement('div');
    this.host.className = 'absolute left-0 top-0 will-change-transform';
    this.host.style.transformOrigin = '0 0';
    parent.append(this.host);
  }

  move(x: number, y: number, k: number): void {
    const scale = k / this.k;
    const left = x + this.originColumn * TILE * scale;
    const top = y + this.originLine * TILE * scale;
    // At its own scale the layer stands on whole device pixels: sharp.
    const ratio = this.pool.ratio;
    const snap = (value: number) => (scale === 1 ? Math.round(value * ratio) / ratio : value);
    this.host.style.transform = `translate(${snap(left)}px,${snap(top)}px) scale(${scale})`;
  }

  // Makes what the window needs and lets go what is far from it. True when all of it can be seen.
  want(window: Window, ahead: number): boolean {
    const span = (from: number, to: number) => [Math.floor(from / TILE), Math.floor(to / TILE)] as const;
    const [left, right] = span(window.x0, window.x1);
    const [top, bottom] = span(window.y0, window.y1);
    let complete = true;
    for (let line = top - ahead; line <= bottom + ahead; ++line) {
      for (let column = left - ahead; column <= right + ahead; ++column) {
        const seen = line >= top && line <= bottom && column >= left && column <= right;
        if (!seen && !this.holdsPlan(column, line)) continue;
        const tile = this.tileAt(column, line);
        if (seen && !tile.shown) complete = false;
      }
    }
    if (this.tiles.size > PICTURES_MAX) {
      for (const tile of this.tiles.values()) {
        const far =
          tile.column < left - 2 || tile.column > right + 2 || tile.line < top - 2 || tile.line > bottom + 2;
        if (far) this.drop(tile);
      }
    }
    return complete;
  }

  // Nobody goes where there is nothing: what lies beside the plan is painted when it is in sight.
  private holdsPlan(column: number, line: number): boolean {
    const { box, pitch } = this.painter.plan;
    const { k } = this;
    const reach = pitch * k * 2;
    return (
      column * TILE < box.x1 * k + reach &&
      (column + 1) * TILE > box.x0 * k - reach &&
      line * TILE < box.y1 * k + reach &&
      (line + 1) * TILE > box.y0 * k - reach
    );
  }

  private tileAt(column: number, line: number): Tile {
    const key = `${column}/${line}`;
    let tile = this.tiles.get(key);
    if (!tile) {
      const { k } = this;
      tile = {
        column,
        line,
        view: {
          k,
          x0: (column * TILE - BLEED) / k,
          y0: (line * TILE - BLEED) / k,
          width: TILE + 2 * BLEED,
          height: TILE + 2 * BLEED,
        },
        shown: undefined,
        painting: undefined,
        stale: true,
        changed: [],
      };
      this.tiles.set(key, tile);
    }
    return tile;
  }

  private drop(tile: Tile): void {
    if (tile.shown) this.pool.givePicture(tile.shown);
    if (tile.painting) this.pool.giveSurface(tile.painting.surface);
    this.tiles.delete(`${tile.column}/${tile.line}`);
  }

  // Paints until `until`; what is in the window first, from its middle. True when nothing is left to do.
  work(window: Window, until: number): boolean {
    const middleX = (window.x0 + window.x1) / 2 / TILE - 0.5;
    const middleY = (window.y0 + window.y1) / 2 / TILE - 0.5;
    for (;;) {
      let next: Tile | undefined;
      let least = Infinity;
      for (const tile of this.tiles.values()) {
        if (!tile.stale && !tile.painting && tile.changed.length === 0) continue;
        // What is out of sight and stale waits until it is looked at.
        if (tile.shown && !inWindow(tile, window)) continue;
        // Something to see before something fresher.
        const away =
          Math.max(Math.abs(tile.column - middleX), Math.abs(tile.line - middleY)) + (tile.shown ? 100 : 0);
        if (away < least) {
          least = away;
          next = tile;
        }
      }
      if (!next) return true;
      const whole = next.stale || next.painting || !next.shown;
      if (!(whole ? this.paint(next, until) : this.patch(next, until))) return false;
    }
  }

  // False: out of time.
  private paint(tile: Tile, until: number): boolean {
    if (!tile.painting || tile.stale) {
      const surface = tile.painting?.surface ?? this.pool.takeSurface();
      const context = contextOf(surface, true);
      tile.stale = false;
      tile.changed = [];
      if (!context) return true;
      const work = this.painter.paint(context, tile.view, this.detail);
      tile.painting = { surface, context, work };
    }
    const { surface, context, work } = tile.painting;
    for (;;) {
      if (work.next().done) break;
      if (performance.now() >= until) return false;
    }
    // What changed while it was painted in slices.
    for (const place of tile.changed) this.painter.repaintSeat(context, tile.view, place);
    tile.changed = [];
    tile.painting = undefined;
    this.show(tile, surface);
    return performance.now() < until;
  }

  // A few seats over a copy of what is shown.
  private patch(tile: Tile, until: number): boolean {
    const surface = this.pool.takeSurface();
    const context = contextOf(surface, true);
    if (!context || !tile.shown) return true;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.drawImage(tile.shown.element, 0, 0);
    for (const place of tile.changed) this.painter.repaintSeat(context, tile.view, place);
    tile.changed = [];
    this.show(tile, surface);
    return performance.now() < until;
  }

  private show(tile: Tile, surface: Surface): void {
    if (!tile.shown) {
      tile.shown = this.pool.takePicture();
      const x = (tile.column - this.originColumn) * TILE - BLEED;
      const y = (tile.line - this.originLine) * TILE - BLEED;
      tile.shown.element.style.transform = `translate(${x}px,${y}px)`;
      tile.shown.show(surface);
      this.host.append(tile.shown.element);
    } else {
      tile.shown.show(surface);
    }
    this.pool.giveSurface(surface);
  }

  // One seat changed: it is painted over each picture it is on, with the others that changed, when it is
  // their turn; what is out of sight is painted anew when it comes into sight.
  repaintSeat(place: number, x: number, y: number, window: Window): void {
    if (this.detail === 'blocks') return;
    const reach = this.painter.reachPixels(place, this.k) + BLEED;
    const left = Math.floor((x * this.k - reach) / TILE);
    const right = Math.floor((x * this.k + reach) / TILE);
    const top = Math.floor((y * this.k - reach) / TILE);
    const bottom = Math.floor((y * this.k + reach) / TILE);
    for (let line = top; line <= bottom; ++line) {
      for (let column = left; column <= right; ++column) {
        const tile = this.tiles.get(`${column}/${line}`);
        if (!tile || tile.stale) continue;
        if (!inWindow(tile, window) || tile.changed.length >= PATCHES_MAX) {
          tile.stale = true;
          tile.changed = [];
        } else {
          tile.changed.push(place);
        }
      }
    }
  }

  // What lies in this rectangle of the hall must be painted anew; without one, everything.
  spoil(box?: Window): void {
    for (const tile of this.tiles.values()) {
      if (box) {
        const x0 = tile.column * TILE;
        const y0 = tile.line * TILE;
        if (x0 > box.x1 || y0 > box.y1 || x0 + TILE < box.x0 || y0 + TILE < box.y0) continue;
      }
      tile.stale = true;
      tile.changed = [];
    }
  }

  get size(): number {
    return this.tiles.size;
  }

  destroy(): void {
    for (const tile of [...this.tiles.values()]) this.drop(tile);
    this.host.remove();
  }
}
