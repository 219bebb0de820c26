// The shape of a block, from nothing but its seats. A block of curved rows is not convex: its outline
// follows the first row, the rows' ends, and the last row. Where the rows do not lie like that
// (numbered zigzag, scattered places) the convex hull stands in.

import { type Row, UNPLACED } from './plan';

interface Seats {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly flags: Uint8Array;
}

const ROW_POINTS_MAX = 400;
const SAMPLES = 400; // of a block's seats are looked at, whatever its size

function placed(seats: Seats, place: number): boolean {
  return ((seats.flags[place] ?? 0) & UNPLACED) === 0;
}

function distance(seats: Seats, a: number, b: number): number {
  return Math.hypot((seats.x[a] ?? 0) - (seats.x[b] ?? 0), (seats.y[a] ?? 0) - (seats.y[b] ?? 0));
}

function median(values: number[]): number {
  values.sort((a, b) => a - b);
  return values[values.length >> 1] ?? 0;
}

// The least usual distance between neighbours: in a row, or from row to row. 0 when nothing tells.
export function pitchOf(seats: Seats, rows: readonly Row[]): number {
  const along: number[] = [];
  const across: number[] = [];
  const step = Math.max(1, Math.floor(rows.reduce((sum, row) => sum + row.count, 0) / SAMPLES));
  for (const [r, row] of rows.entries()) {
    for (let i = 1; i < row.count; i += step) {
      const place = row.first + i;
      if (!placed(seats, place) || !placed(seats, place - 1)) continue;
      const apart = distance(seats, place, place - 1);
      if (apart > 0) along.push(apart);
    }
    const next = rows[r + 1];
    if (!next || across.length > 60) continue;
    const middle = row.first + (row.count >> 1);
    if (!placed(seats, middle)) continue;
    let nearest = Infinity;
    for (let place = next.first; place < next.first + next.count; ++place) {
      if (placed(seats, place)) nearest = Math.min(nearest, distance(seats, middle, place));
    }
    if (nearest > 0 && nearest < Infinity) across.push(nearest);
  }
  const candidates = [median(along), median(across)].filter((each) => each > 0);
  return candidates.length > 0 ? Math.min(...candidates) : 0;
}

export function labelPoint(seats: Seats, first: number, count: number): { x: number; y: number } {
  // The seat nearest to the middle: the middle itself may lie outside of a curved block.
  let sumX = 0;
  let sumY = 0;
  let used = 0;
  for (let place = first; place < first + count; ++place) {
    if (!placed(seats, place)) continue;
    sumX += seats.x[place] ?? 0;
    sumY += seats.y[place] ?? 0;
    ++used;
  }
  if (used === 0) return { x: 0, y: 0 };
  const middle = { x: sumX / used, y: sumY / used };
  let best = middle;
  let least = Infinity;
  for (let place = first; place < first + count; ++place) {
    if (!placed(seats, place)) continue;
    const x = seats.x[place] ?? 0;
    const y = seats.y[place] ?? 0;
    const apart = (x - middle.x) ** 2 + (y - middle.y) ** 2;
    if (apart < least) {
      least = apart;
      best = { x, y };
    }
  }
  // A straight block's middle is as good as any seat, and steadier.
  return least < 1e12 && Math.sqrt(least) < 1e-9 ? best : least === Infinity ? middle : best;
}

export function contains(outline: Float64Array, x: number, y: number): boolean {
  let inside = false;
  const n = outline.length / 2;
  for (let i = 0, j = n - 1; i < n; j = i++) {
    const xi = outline[2 * i] ?? 0;
    const yi = outline[2 * i + 1] ?? 0;
    const xj = outline[2 * j] ?? 0;
    const yj = outline[2 * j + 1] ?? 0;
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

export function distanceToOutline(outline: Float64Array, x: number, y: number): number {
  let least = Infinity;
  const n = outline.length / 2;
  for (let i = 0, j = n - 1; i < n; j = i++) {
    const ax = outline[2 * j] ?? 0;
    const ay = outline[2 * j + 1] ?? 0;
    const dx = (outline[2 * i] ?? 0) - ax;
    const dy = (outline[2 * i + 1] ?? 0) - ay;
    const length = dx * dx + dy * dy;
    const t = length > 0 ? Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / length)) : 0;
    least = Math.min(least, Math.hypot(x - ax - t * dx, y - ay - t * dy));
  }
  return least;
}

function convexHull(points: [number, number][]): number[] {
  points.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const turn = (o: [number, number], a: [number, number], b: [number, number]) =>
    (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0]);
  const half = (each: [number, number][]) => {
    const chain: [number, number][] = [];
    for (const point of each) {
      while (chain.length >= 2) {
        const last = chain[chain.length - 1];
        const before = chain[chain.length - 2];
        if (!last || !before || turn(before, last, point) > 0) break;
        chain.pop();
      }
      chain.push(point);
    }
    chain.pop();
    return chain;
  };
  const hull = [...half(points), ...half([...points].reverse())];
  const only = points[0];
  return hull.length > 0 ? hull.flat() : only ? [...only] : [];
}

function rowEnds(seats: Seats, row: Row): { first: number; last: number } | undefined {
  let first = row.first;
  let last = row.first + row.count - 1;
  while (first <= last && !placed(seats, first)) ++first;
  while (last > first && !placed(seats, last)) --last;
  return first <= last && placed(seats, first) ? { first, last } : undefined;
}

// x y x y … around the centres of the outer seats.
export function outlineOf(seats: Seats, rows: readonly Row[], pitch: number): Float64Array {
  const ends = rows
    .map((row) => rowEnds(seats, row))
    .filter((each): each is { first: number; last: number } => each !== undefined);
  const front = ends[0];
  const back = ends[ends.length - 1];
  if (!front || !back) return new Float64Array(0);

  // The rows' own curves are kept closely; the zigzag of their ends is smoothed.
  const along = (from: number, to: number) => {
    const path: number[] = [];
    // Nobody draws a row of thousands; a shape of it costs no more than one of hundreds.
    const stride = Math.ceil((Math.abs(to - from) + 1) / ROW_POINTS_MAX);
    const step = from <= to ? stride : -stride;
    for (let place = from; (to - place) * step > 0; place += step) {
      if (placed(seats, place)) path.push(seats.x[place] ?? 0, seats.y[place] ?? 0);
    }
    if (placed(seats, to)) path.push(seats.x[to] ?? 0, seats.y[to] ?? 0);
    return simplified(path, pitch * 0.08);
  };
  const side = (places: readonly number[]) =>
    simplified(
      thinned(places).flatMap((place) => [seats.x[place] ?? 0, seats.y[place] ?? 0]),
      pitch * 0.8,
    );
  const followed = Float64Array.from(
    front === back
      ? along(front.first, front.last)
      : [
          ...along(front.first, front.last),
          ...side(ends.map((end) => end.last)).slice(2, -2),
          ...along(back.last, back.first),
          ...side(ends.map((end) => end.first).reverse()).slice(2, -2),
        ],
  );

  let looked = 0;
  let outside = 0;
  const all: [number, number][] = [];
  for (const row of rows) {
    for (let place = row.first; place < row.first + row.count; ++place) {
      if (placed(seats, place)) all.push([seats.x[place] ?? 0, seats.y[place] ?? 0]);
    }
  }
  const step = Math.max(1, Math.floor(all.length / SAMPLES));
  const slack = pitch > 0 ? pitch : 1;
  for (let i = 0; i < all.length; i += step) {
    const [x, y] = all[i] ?? [0, 0];
    ++looked;
    if (!contains(followed, x, y) && distanceToOutline(followed, x, y) > slack) ++outside;
  }
  const hull = Float64Array.from(convexHull(all));
  if (outside > looked * 0.02) return hull;
  // Rows that jump about make a star that holds every seat and much more than the hull.
  return Math.abs(areaOf(followed)) > Math.abs(areaOf(hull)) * 0.25 || hull.length < 6 ? followed : hull;
}

function thinned(places: readonly number[]): readonly number[] {
  const stride = Math.ceil(places.length / ROW_POINTS_MAX);
  return stride <= 1 ? places : places.filter((_, i) => i % stride === 0 || i === places.length - 1);
}

// Rows of a curved block end a seat sooner or later: the zigzag of their ends is no shape (Douglas and
// Peucker). The first and the last point stay.
function simplified(path: readonly number[], slack: number): number[] {
  const n = path.length / 2;
  if (n < 4 || slack <= 0) return [...path];
  const kept = new Uint8Array(n);
  kept[0] = kept[n - 1] = 1;
  const spans: [number, number][] = [[0, n - 1]];
  for (let span = spans.pop(); span; span = spans.pop()) {
    const [from, to] = span;
    const edge = Float64Array.of(
      path[2 * from] ?? 0,
      path[2 * from + 1] ?? 0,
      path[2 * to] ?? 0,
      path[2 * to + 1] ?? 0,
    );
    let farthest = -1;
    let most = slack;
    for (let i = from + 1; i < to; ++i) {
      const away = distanceToOutline(edge, path[2 * i] ?? 0, path[2 * i + 1] ?? 0);
      if (away <= most) continue;
      most = away;
      farthest = i;
    }
    if (farthest < 0) continue;
    kept[farthest] = 1;
    spans.push([from, farthest], [farthest, to]);
  }
  const points: number[] = [];
  for (let i = 0; i < n; ++i) if (kept[i]) points.push(path[2 * i] ?? 0, path[2 * i + 1] ?? 0);
  return points;
}

export function areaOf(outline: Float64Array): number {
  let sum = 0;
  const n = outline.length / 2;
  for (let i = 0, j = n - 1; i < n; j = i++) {
    sum +=
      (outline[2 * j] ?? 0) * (outline[2 * i + 1] ?? 0) - (outline[2 * i] ?? 0) * (outline[2 * j + 1] ?? 0);
  }
  return sum / 2;
}
