// The office's layout → a HallPlan. Nothing in it is believed: a seat that cannot be drawn is listed,
// a seat that cannot be sold is shown, what cannot be read is left out and counted. Only an answer
// without any list of sections is refused.

import { labelPoint, outlineOf, pitchOf } from './outline';
import {
  type Area,
  type AreaShape,
  type AreaText,
  type Box,
  type Fault,
  type FaultKind,
  type HallPlan,
  type Row,
  type Section,
  type Tier,
  UNPLACED,
  UNPRICED,
  WHEELCHAIR,
} from './plan';
import { gridOf } from './spatialIndex';

export const SEATS_MAX = 200_000; // as the office's own limit for a hall
export const AREAS_MAX = 5_000;
export const POINTS_MAX = 2_000;
export const TIERS_MAX = 65_535;
// Farther from the hall's middle half than so many times its spread is no place in this hall.
const OUTLIER_SPREADS = 25;
const COORDINATE_MAX = 1e7;
const NAME_MAX = 200;

export type Json = Record<string, unknown>;

export function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

// Where the seats of a row are told: in the row itself, or in columns beside the plan (readCompact.ts).
export interface SeatSource {
  countOf(row: Json): number;
  // The seats are asked for one after the other, in the plan's order; each is good until the next.
  seatOf(row: Json, k: number): unknown;
}
const inTheRow: SeatSource = {
  countOf: (row) => listOf(row.seats).length,
  seatOf: (row, k) => listOf(row.seats)[k],
};
function textOf(value: unknown): string {
  if (typeof value === 'string') return value.length > NAME_MAX ? value.slice(0, NAME_MAX) : value;
  return typeof value === 'number' ? String(value) : '';
}
function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Math.abs(value) <= COORDINATE_MAX ? value : undefined;
}
function positive(value: unknown): number | undefined {
  const number = numberOf(value);
  return number !== undefined && number > 0 ? number : undefined;
}
function optionalText(value: unknown): string | undefined {
  const text = textOf(value);
  return text === '' ? undefined : text;
}

class Faults {
  private readonly counts = new Map<FaultKind, number>();
  add(kind: FaultKind, by = 1): void {
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + by);
  }
  list(): Fault[] {
    return [...this.counts].map(([kind, count]) => ({ kind, count }));
  }
}

function readTiers(value: unknown): { tiers: Tier[]; positions: Map<number, number> } {
  const tiers: Tier[] = [];
  const positions = new Map<number, number>();
  for (const each of listOf(value)) {
    if (!isRecord(each) || tiers.length >= TIERS_MAX) continue;
    const { id, price } = each;
    if (typeof id !== 'number' || positions.has(id)) continue;
    if (typeof price !== 'number' || !Number.isFinite(price) || price < 0) continue;
    positions.set(id, tiers.length);
    tiers.push({ id, name: textOf(each.name) || String(id), color: textOf(each.color), price });
  }
  return { tiers, positions };
}

function readPoints(value: unknown): { x: number; y: number }[] {
  const points: { x: number; y: number }[] = [];
  for (const each of listOf(value).slice(0, POINTS_MAX)) {
    if (!isRecord(each)) continue;
    const x = numberOf(each.x);
    const y = numberOf(each.y);
    if (x !== undefined && y !== undefined) points.push({ x, y });
  }
  return points;
}

function readShape(area: Json): AreaShape | undefined {
  const x = numberOf(area.x);
  const y = numberOf(area.y);
  if (x === undefined || y === undefined) return undefined;
  switch (area.shape) {
    case 'rectangle': {
      const width = positive(area.width);
      const height = positive(area.height);
      return width && height ? { kind: 'rectangle', x, y, width, height } : undefined;
    }
    case 'circle': {
      const radius = positive(area.radius);
      return radius ? { kind: 'ellipse', x, y, radiusX: radius, radiusY: radius } : undefined;
    }
    case 'ellipse': {
      const radiusX = positive(area.radiusX) ?? (positive(area.width) ?? 0) / 2;
      const radiusY = positive(area.radiusY) ?? (positive(area.height) ?? 0) / 2;
      return radiusX && radiusY ? { kind: 'ellipse', x, y, radiusX, radiusY } : undefined;
    }
    case 'polygon': {
      const points = readPoints(area.points);
      return points.length >= 3 ? { kind: 'polygon', points } : undefined;
    }
    case 'text':
      return { kind: 'text' };
    default:
      return undefined;
  }
}

function readAreaText(area: Json): AreaText | undefined {
  if (!isRecord(area.text)) return undefined;
  const text = textOf(area.text.text);
  if (text === '') return undefined;
  return {
    text,
    x: numberOf(area.text.x) ?? numberOf(area.x) ?? 0,
    y: numberOf(area.text.y) ?? numberOf(area.y) ?? 0,
    size: positive(area.text.size),
  };
}

function readAreas(value: unknown, into: Area[], faults: Faults): void {
  for (const each of listOf(value)) {
    if (into.length >= AREAS_MAX) {
      faults.add('badAreas');
      continue;
    }
    const shape = isRecord(each) ? readShape(each) : undefined;
    if (!isRecord(each) || !shape) {
      faults.add('badAreas');
      continue;
    }
    into.push({
      shape,
      rotation: numberOf(each.rotation) ?? 0,
      color: optionalText(each.color),
      borderColor: optionalText(each.borderColor),
      text: readAreaText(each),
    });
  }
}

function countSeats(sections: readonly unknown[], seats: SeatSource): number {
  let count = 0;
  for (const section of sections) {
    if (!isRecord(section)) continue;
    for (const row of listOf(section.rows)) {
      if (isRecord(row)) count += seats.countOf(row);
    }
  }
  return count;
}

// One seat at 1e6 in a hall of 500 would shrink the hall to a dot: the spread of the middle half
// tells what belongs together.
function flagOutliers(values: Float64Array, flags: Uint8Array): number {
  const sorted = values.filter((_, place) => ((flags[place] ?? 0) & UNPLACED) === 0).sort();
  if (sorted.length < 8) return 0;
  const low = sorted[sorted.length >> 2] ?? 0;
  const high = sorted[(sorted.length * 3) >> 2] ?? 0;
  const middle = sorted[sorted.length >> 1] ?? 0;
  // A hall of one row has no spread across; then nothing can be said.
  const spread = high - low;
  if (spread <= 0) return 0;
  const reach = spread * OUTLIER_SPREADS;
  let found = 0;
  for (let place = 0; place < values.length; ++place) {
    if (((flags[place] ?? 0) & UNPLACED) !== 0) continue;
    if (Math.abs((values[place] ?? 0) - middle) <= reach) continue;
    flags[place] = (flags[place] ?? 0) | UNPLACED;
    ++found;
  }
  return found;
}

function grow(box: Box | undefined, x: number, y: number): Box {
  if (!box) return { x0: x, y0: y, x1: x, y1: y };
  return {
    x0: Math.min(box.x0, x),
    y0: Math.min(box.y0, y),
    x1: Math.max(box.x1, x),
    y1: Math.max(box.y1, y),
  };
}

function boxOfSeats(plan: Arrays, first: number, count: number): Box | undefined {
  let x0 = Infinity;
  let y0 = Infinity;
  let x1 = -Infinity;
  let y1 = -Infinity;
  for (let place = first; place < first + count; ++place) {
    if (((plan.flags[place] ?? 0) & UNPLACED) !== 0) continue;
    const x = plan.x[place] ?? 0;
    const y = plan.y[place] ?? 0;
    if (x < x0) x0 = x;
    if (x > x1) x1 = x;
    if (y < y0) y0 = y;
    if (y > y1) y1 = y;
  }
  return x0 <= x1 ? { x0, y0, x1, y1 } : undefined;
}

export interface Arrays {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly flags: Uint8Array;
}

function boxOfArea(area: Area): Box | undefined {
  const { shape } = area;
  switch (shape.kind) {
    case 'rectangle': {
      const { x, y, width, height } = shape;
      return { x0: x, y0: y, x1: x + width, y1: y + height };
    }
    case 'ellipse': {
      const { x, y, radiusX, radiusY } = shape;
      return { x0: x - radiusX, y0: y - radiusY, x1: x + radiusX, y1: y + radiusY };
    }
    case 'polygon': {
      let box: Box | undefined;
      for (const point of shape.points) box = grow(box, point.x, point.y);
      return box;
    }
    case 'text':
      return area.text && grow(undefined, area.text.x, area.text.y);
  }
}

// The seats decide how large the hall is; decoration counts as far as it stays near them.
function hallBox(seats: Box | undefined, areas: readonly Area[], pitch: number): Box {
  const size = seats ? Math.max(seats.x1 - seats.x0, seats.y1 - seats.y0, pitch * 4) : 0;
  let box = seats;
  for (const area of areas) {
    const of = boxOfArea(area);
    if (!of) continue;
    const near =
      !seats ||
      (of.x0 >= seats.x0 - size &&
        of.x1 <= seats.x1 + size &&
        of.y0 >= seats.y0 - size &&
        of.y1 <= seats.y1 + size);
    if (near) box = grow(grow(box, of.x0, of.y0), of.x1, of.y1);
  }
  if (!box) return { x0: 0, y0: 0, x1: 100, y1: 100 };
  const margin = pitch;
  return { x0: box.x0 - margin, y0: box.y0 - margin, x1: box.x1 + margin, y1: box.y1 + margin };
}

function numberOfName(names: Map<string, number>, name: string): number {
  let number = names.get(name);
  if (number === undefined) {
    number = names.size;
    names.set(name, number);
  }
  return number;
}

// As a rule the office numbers seats in the plan's own order: then there is nothing to sort.
function placesById(ids: Float64Array): Uint32Array {
  const places = Uint32Array.from(ids.keys());
  const rising = ids.every((id, place) => place === 0 || id > (ids[place - 1] ?? 0));
  return rising ? places : places.sort((a, b) => (ids[a] ?? 0) - (ids[b] ?? 0));
}

export type LayoutRead =
  | { readonly ok: true; readonly plan: HallPlan }
  | { readonly ok: false; readonly fault: FaultKind };

export function readLayout(answer: unknown, seats = inTheRow): LayoutRead {
  if (!isRecord(answer) || !Array.isArray(answer.sections)) return { ok: false, fault: 'notALayout' };
  const faults = new Faults();
  const { tiers, positions } = readTiers(answer.tiers);
  const toldInAll = countSeats(answer.sections, seats);
  const room = Math.min(toldInAll, SEATS_MAX);
  if (toldInAll > SEATS_MAX) faults.add('tooManySeats', toldInAll - SEATS_MAX);

  const ids = new Float64Array(room);
  const x = new Float64Array(room);
  const y = new Float64Array(room);
  const tierOf = new Uint16Array(room);
  const sectionOf = new Uint32Array(room);
  const rowOf = new Uint32Array(room);
  const flags = new Uint8Array(room);
  const nameOf = new Uint32Array(room);
  const names = new Map<string, number>();
  const rows: Row[] = [];
  const areas: Area[] = [];
  const seen = new Set<number>();
  const drafts: { name: string; firstRow: number; rowCount: number; first: number; count: number }[] = [];

  let place = 0;
  for (const eachSection of answer.sections as readonly unknown[]) {
    if (!isRecord(eachSection)) continue;
    readAreas(eachSection.areas, areas, faults);
    const firstRow = rows.length;
    const first = place;
    for (const eachRow of listOf(eachSection.rows)) {
      if (!isRecord(eachRow)) continue;
      const rowFirst = place;
      const told = seats.countOf(eachRow);
      for (let k = 0; k < told && place < room; ++k) {
        const seat = seats.seatOf(eachRow, k);
        if (!isRecord(seat) || typeof seat.id !== 'number' || !Number.isSafeInteger(seat.id)) {
          faults.add('badSeats');
          continue;
        }
        if (seen.has(seat.id)) {
          faults.add('repeatedSeats');
          continue;
        }
        seen.add(seat.id);
        const at = { x: numberOf(seat.x), y: numberOf(seat.y) };
        let flag = seat.wheelchair === true ? WHEELCHAIR : 0;
        if (at.x === undefined || at.y === undefined) {
          flag |= UNPLACED;
          faults.add('badCoordinates');
        }
        const tier = typeof seat.tier === 'number' ? positions.get(seat.tier) : undefined;
        if (tier === undefined) {
          flag |= UNPRICED;
          faults.add('unknownTiers');
        }
        ids[place] = seat.id;
        x[place] = at.x ?? 0;
        y[place] = at.y ?? 0;
        tierOf[place] = tier ?? tiers.length;
        sectionOf[place] = drafts.length;
        rowOf[place] = rows.length;
        flags[place] = flag;
        nameOf[place] = numberOfName(names, textOf(seat.name));
        ++place;
      }
      if (place > rowFirst) {
        rows.push({
          name: textOf(eachRow.name),
          section: drafts.length,
          first: rowFirst,
          count: place - rowFirst,
        });
      }
    }
    if (place > first) {
      drafts.push({
        name: textOf(eachSection.name),
        firstRow,
        rowCount: rows.length - firstRow,
        first,
        count: place - first,
      });
    }
  }
  const count = place;
  if (count === 0) faults.add('noSeats');

  const kept = {
    ids: ids.subarray(0, count),
    x: x.subarray(0, count),
    y: y.subarray(0, count),
    tierOf: tierOf.subarray(0, count),
    sectionOf: sectionOf.subarray(0, count),
    rowOf: rowOf.subarray(0, count),
    flags: flags.subarray(0, count),
    nameOf: nameOf.subarray(0, count),
  };
  const strays = flagOutliers(kept.x, kept.flags) + flagOutliers(kept.y, kept.flags);
  if (strays > 0) faults.add('badCoordinates', strays);

  const sections: Section[] = drafts.map((draft) => {
    const ofSection = rows.slice(draft.firstRow, draft.firstRow + draft.rowCount);
    const pitch = pitchOf(kept, ofSection);
    const outline = outlineOf(kept, ofSection, pitch);
    const box = boxOfSeats(kept, draft.first, draft.count);
    const label = labelPoint(kept, draft.first, draft.count);
    return { ...draft, box, outline, pitch, labelX: label.x, labelY: label.y };
  });
  const pitches = sections.map((section) => section.pitch).filter((each) => each > 0);
  pitches.sort((a, b) => a - b);
  const pitch = pitches[pitches.length >> 1] ?? 20;
  const box = hallBox(boxOfSeats(kept, 0, count), areas, pitch);
  return {
    ok: true,
    plan: {
      hash: textOf(answer.hash),
      name: textOf(answer.name),
      box,
      tiers,
      sections: sections.map((each) => (each.pitch > 0 ? each : { ...each, pitch })),
      rows,
      areas,
      count,
      pitch,
      ...kept,
      names: [...names.keys()],
      byId: placesById(kept.ids),
      grid: gridOf(kept.x, kept.y, (place) => ((kept.flags[place] ?? 0) & UNPLACED) !== 0, box),
      faults: faults.list(),
    },
  };
}
