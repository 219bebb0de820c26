// Which seats lie in a rectangle, which is nearest to a point: a uniform grid, counted and sorted
// once. Halls are spread evenly enough that a tree would only be slower.

import type { Box } from './plan';

const CELLS_MAX = 1 << 18;
const SEATS_A_CELL = 8;

// The seats of each cell, one cell after the other. Plain, so that a worker can make it.
export interface Grid {
  readonly box: Box;
  readonly columns: number;
  readonly lines: number;
  readonly cell: number;
  readonly starts: Int32Array; // where each cell begins in `places`, and the end of the last
  readonly places: Int32Array;
}

export function gridOf(x: Float64Array, y: Float64Array, skip: (place: number) => boolean, box: Box): Grid {
  const width = Math.max(1e-6, box.x1 - box.x0);
  const height = Math.max(1e-6, box.y1 - box.y0);
  const cells = Math.min(CELLS_MAX, Math.max(1, x.length / SEATS_A_CELL));
  // A hall of one long row must not become a million empty columns.
  const cell = Math.max(Math.sqrt((width * height) / cells), width / 4096, height / 4096);
  const columns = Math.max(1, Math.ceil(width / cell));
  const lines = Math.max(1, Math.ceil(height / cell));
  const starts = new Int32Array(columns * lines + 1);
  const cellOf = new Int32Array(x.length);
  let kept = 0;
  for (let place = 0; place < x.length; ++place) {
    if (skip(place)) {
      cellOf[place] = -1;
      continue;
    }
    const column = clamped((x[place] ?? 0) - box.x0, cell, columns);
    const line = clamped((y[place] ?? 0) - box.y0, cell, lines);
    const at = line * columns + column;
    cellOf[place] = at;
    starts[at + 1] = (starts[at + 1] ?? 0) + 1;
    ++kept;
  }
  for (let i = 1; i < starts.length; ++i) starts[i] = (starts[i] ?? 0) + (starts[i - 1] ?? 0);
  const next = starts.slice();
  const places = new Int32Array(kept);
  for (let place = 0; place < x.length; ++place) {
    const at = cellOf[place] ?? -1;
    if (at < 0) continue;
    const slot = next[at] ?? 0;
    places[slot] = place;
    next[at] = slot + 1;
  }
  return { box, columns, lines, cell, starts, places };
}

function clamped(offset: number, cell: number, count: number): number {
  return Math.min(count - 1, Math.max(0, Math.floor(offset / cell)));
}

export class SpatialIndex {
  private readonly x: Float64Array;
  private readonly y: Float64Array;
  private readonly grid: Grid;

  constructor(x: Float64Array, y: Float64Array, grid: Grid) {
    this.x = x;
    this.y = y;
    this.grid = grid;
  }

  // Tells each seat whose centre lies in the rectangle.
  within(x0: number, y0: number, x1: number, y1: number, tell: (place: number) => void): void {
    const { box, columns, lines, cell, starts, places } = this.grid;
    if (x1 < box.x0 || y1 < box.y0 || x0 > box.x1 || y0 > box.y1) return;
    const left = clamped(x0 - box.x0, cell, columns);
    const right = clamped(x1 - box.x0, cell, columns);
    const bottom = clamped(y1 - box.y0, cell, lines);
    for (let line = clamped(y0 - box.y0, cell, lines); line <= bottom; ++line) {
      const from = starts[line * columns + left] ?? 0;
      const to = starts[line * columns + right + 1] ?? 0;
      for (let i = from; i < to; ++i) {
        const place = places[i] ?? 0;
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
