// Which seats lie in a rectangle, which is nearest to a point: a uniform grid, counted and sorted
// once. Halls are spread evenly enough that a tree would only be slower.

import type { Box } from './plan';

const CELLS_MAX = 1 << 18;
const SEATS_A_CELL = 8;

export class SpatialIndex {
  private readonly x: Float64Array;
  private readonly y: Float64Array;
  private readonly box: Box;
  private readonly columns: number;
  private readonly lines: number;
  private readonly cell: number;
  private readonly starts: Int32Array;
  private readonly places: Int32Array;

  constructor(x: Float64Array, y: Float64Array, skip: (place: number) => boolean, box: Box) {
    this.x = x;
    this.y = y;
    this.box = box;
    const width = Math.max(1e-6, box.x1 - box.x0);
    const height = Math.max(1e-6, box.y1 - box.y0);
    const cells = Math.min(CELLS_MAX, Math.max(1, x.length / SEATS_A_CELL));
    // A hall of one long row must not become a million empty columns.
    this.cell = Math.max(Math.sqrt((width * height) / cells), width / 4096, height / 4096);
    this.columns = Math.max(1, Math.ceil(width / this.cell));
    this.lines = Math.max(1, Math.ceil(height / this.cell));
    this.starts = new Int32Array(this.columns * this.lines + 1);
    const cellOf = new Int32Array(x.length);
    let kept = 0;
    for (let place = 0; place < x.length; ++place) {
      if (skip(place)) {
        cellOf[place] = -1;
        continue;
      }
      const at = this.cellAt(x[place] ?? 0, y[place] ?? 0);
      cellOf[place] = at;
      this.starts[at + 1] = (this.starts[at + 1] ?? 0) + 1;
      ++kept;
    }
    for (let i = 1; i < this.starts.length; ++i) {
      this.starts[i] = (this.starts[i] ?? 0) + (this.starts[i - 1] ?? 0);
    }
    const next = this.starts.slice();
    this.places = new Int32Array(kept);
    for (let place = 0; place < x.length; ++place) {
      const at = cellOf[place] ?? -1;
      if (at < 0) continue;
      const slot = next[at] ?? 0;
      this.places[slot] = place;
      next[at] = slot + 1;
    }
  }

  private column(x: number): number {
    return Math.min(this.columns - 1, Math.max(0, Math.floor((x - this.box.x0) / this.cell)));
  }
  private line(y: number): number {
    return Math.min(this.lines - 1, Math.max(0, Math.floor((y - this.box.y0) / this.cell)));
  }
  private cellAt(x: number, y: number): number {
    return this.line(y) * this.columns + this.column(x);
  }

  // Tells each seat whose centre lies in the rectangle.
  within(x0: number, y0: number, x1: number, y1: number, tell: (place: number) => void): void {
    if (x1 < this.box.x0 || y1 < this.box.y0 || x0 > this.box.x1 || y0 > this.box.y1) return;
    const left = this.column(x0);
    const right = this.column(x1);
    const bottom = this.line(y1);
    for (let line = this.line(y0); line <= bottom; ++line) {
      const from = this.starts[line * this.columns + left] ?? 0;
      const to = this.starts[line * this.columns + right + 1] ?? 0;
      for (let i = from; i < to; ++i) {
        const place = this.places[i] ?? 0;
        const x = this.x[place] ?? 0;
        const y = this.y[place] ?? 0;
        if (x >= x0 && x <= x1 && y >= y0 && y <= y1) tell(place);
      }
    }
  }

  // The nearest seat no farther than `reach`, or -1.
  nearest(x: number, y: number, reach: number): number {
    let best = -1;
    let least = reach * reach;
    this.within(x - reach, y - reach, x + reach, y + reach, (place) => {
      const apart = ((this.x[place] ?? 0) - x) ** 2 + ((this.y[place] ?? 0) - y) ** 2;
      if (apart <= least) {
        least = apart;
        best = place;
      }
    });
    return best;
  }
}
