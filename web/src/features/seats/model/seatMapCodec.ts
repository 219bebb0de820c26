// The binary seat map and its delta, as the contract describes their bytes. 50,000 seats are 12.5 KB
// (58 bytes gzipped before the sale) where the JSON form is 3 MB.

export const AVAILABLE = 0;
export const HELD = 1;
export const SOLD = 2;
export const BLOCKED = 3;

export type StatusCode = 0 | 1 | 2 | 3;

const STATUS_NAMES = ['AVAILABLE', 'HELD', 'SOLD', 'BLOCKED'] as const;
export type StatusName = (typeof STATUS_NAMES)[number];

export function statusName(code: number): StatusName {
  return STATUS_NAMES[code & 3] ?? 'BLOCKED';
}
// undefined: a status that this page does not know.
export function statusCode(name: unknown): StatusCode | undefined {
  const code = STATUS_NAMES.indexOf(name as StatusName);
  return code < 0 ? undefined : (code as StatusCode);
}

export interface SeatMapRead {
  readonly kind: 'map';
  readonly version: number;
  readonly statuses: Uint8Array; // by index
}
export interface SeatDeltaRead {
  readonly kind: 'delta';
  readonly from: number;
  readonly to: number;
  readonly indices: number[];
  readonly statuses: number[];
}
export type MapRead = SeatMapRead | SeatDeltaRead | { readonly kind: 'bad'; readonly why: string };

const MAP_HEAD = 16;
const DELTA_HEAD = 20;
const SEATS_MAX = 1 << 24;

function magicOf(view: DataView): string {
  if (view.byteLength < 4) return '';
  return String.fromCharCode(view.getUint8(0), view.getUint8(1), view.getUint8(2), view.getUint8(3));
}

function versionAt(view: DataView, at: number): number {
  return Number(view.getBigUint64(at, true));
}

function readMap(view: DataView): MapRead {
  if (view.byteLength < MAP_HEAD) return { kind: 'bad', why: 'the seat map is cut short' };
  const version = versionAt(view, 4);
  const count = view.getUint32(12, true);
  if (!Number.isSafeInteger(version)) return { kind: 'bad', why: 'no such version' };
  if (count > SEATS_MAX || view.byteLength !== MAP_HEAD + Math.ceil(count / 4)) {
    return { kind: 'bad', why: `${view.byteLength} bytes are no map of ${count} seats` };
  }
  const statuses = new Uint8Array(count);
  for (let index = 0; index < count; ++index) {
    statuses[index] = (view.getUint8(MAP_HEAD + (index >> 2)) >> (2 * (index & 3))) & 3;
  }
  return { kind: 'map', version, statuses };
}

function readDelta(view: DataView): MapRead {
  if (view.byteLength < DELTA_HEAD) return { kind: 'bad', why: 'the delta is cut short' };
  const from = versionAt(view, 4);
  const to = versionAt(view, 12);
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || to < from) {
    return { kind: 'bad', why: 'no such versions' };
  }
  const indices: number[] = [];
  const statuses: number[] = [];
  let previous = 0;
  let at = DELTA_HEAD;
  while (at < view.byteLength) {
    let value = 0;
    let scale = 1;
    for (;;) {
      if (at >= view.byteLength) return { kind: 'bad', why: 'the delta ends within an entry' };
      if (scale > 2 ** 42) return { kind: 'bad', why: 'an entry of the delta is too long' };
      const byte = view.getUint8(at++);
      value += (byte & 0x7f) * scale; // not shifted: an entry may exceed 32 bits
      scale *= 128;
      if (byte < 0x80) break;
    }
    const zigzag = Math.floor(value / 4);
    const step = zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
    const index = previous + step;
    if (index < 0 || index > SEATS_MAX) return { kind: 'bad', why: `no seat ${index}` };
    indices.push(index);
    statuses.push(value % 4);
    previous = index;
  }
  return { kind: 'delta', from, to, indices, statuses };
}

export function readSeatMap(body: ArrayBuffer): MapRead {
  const view = new DataView(body);
  const magic = magicOf(view);
  if (magic === 'OSM1') return readMap(view);
  if (magic === 'OSD1') return readDelta(view);
  return { kind: 'bad', why: 'neither a seat map nor a delta' };
}
