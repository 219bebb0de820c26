// The compact form of a layout, as the contract describes its bytes: a JSON head, then the seats as columns of
// varints. A stadium of 50,000 seats is 30 KB this way and not 470, and no text of three megabytes is parsed.
//
// Bytes that are no such form are undefined, never an exception; what can be read is believed no more than JSON
// is (readLayout.ts).

import { isRecord, type Json, listOf, type SeatSource } from './readLayout';

export interface CompactLayout {
  readonly head: unknown;
  readonly seats: SeatSource;
}

const HEAD_AT = 8;
const COLUMNS = 5;

// By its first bytes: no JSON begins like this.
export function isCompact(bytes: Uint8Array): boolean {
  return bytes[0] === 79 && bytes[1] === 83 && bytes[2] === 76 && bytes[3] === 49; // OSL1
}

class Varints {
  private readonly bytes: Uint8Array;
  private at: number;
  failed = false;

  constructor(bytes: Uint8Array, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  get atEnd(): boolean {
    return this.at === this.bytes.length;
  }

  next(): number {
    const first = this.bytes[this.at++];
    if (first === undefined) return this.fail();
    if (first < 128) return first;
    // Beyond 31 bits, so without bit operations.
    let value = first - 128;
    for (let unit = 128; ; unit *= 128) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) return this.fail();
      value += (byte % 128) * unit;
      if (!Number.isSafeInteger(value)) return this.fail();
      if (byte < 128) return value;
    }
  }

  difference(): number {
    const value = this.next();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  private fail(): number {
    this.failed = true;
    this.at = this.bytes.length + 1;
    return 0;
  }
}

// The number of seats of each row, in the plan's order; undefined when a row does not tell.
function rowsOf(head: Json): number[] | undefined {
  const counts: number[] = [];
  for (const section of listOf(head.sections)) {
    if (!isRecord(section)) return undefined;
    for (const row of listOf(section.rows)) {
      const count = isRecord(row) ? row.seats : undefined;
      if (typeof count !== 'number' || !Number.isSafeInteger(count) || count < 0) return undefined;
      counts.push(count);
    }
  }
  return counts;
}

function readSteps(from: Varints, into: Float64Array): void {
  let value = 0;
  for (let place = 0; place < into.length; ++place) {
    value += from.difference();
    into[place] = value;
  }
}

function readCoordinates(from: Varints, rows: readonly number[], into: Float64Array): void {
  const told = new Float64Array(into.length);
  let before = 0;
  let beforeCount = 0;
  let place = 0;
  for (const count of rows) {
    const first = place;
    // The value last read, its step, and that step's own step.
    let value = 0;
    let step = 0;
    let bend = 0;
    for (let k = 0; k < count; ++k, ++place) {
      const difference = from.difference() + (k < beforeCount ? (told[before + k] ?? 0) : 0);
      told[place] = difference;
      if (k === 0) value = difference;
      else {
        if (k === 1) step = difference;
        else {
          bend = k === 2 ? difference : bend + difference;
          step += bend;
        }
        value += step;
      }
      into[place] = value / 1000;
    }
    before = first;
    beforeCount = count;
  }
}

export function readCompact(bytes: Uint8Array): CompactLayout | undefined {
  if (!isCompact(bytes) || bytes.length < HEAD_AT) return undefined;
  const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true);
  if (size > bytes.length - HEAD_AT) return undefined;
  const columnsAt = HEAD_AT + size;
  let head: unknown;
  try {
    head = JSON.parse(new TextDecoder().decode(bytes.subarray(HEAD_AT, columnsAt)));
  } catch {
    return undefined;
  }
  const rows = isRecord(head) ? rowsOf(head) : undefined;
  if (!isRecord(head) || !rows) return undefined;
  const count = rows.reduce((sum, each) => sum + each, 0);
  // Every seat takes a byte in each column, so nobody makes us ask for more memory than was sent.
  if (count * COLUMNS > bytes.length - columnsAt) return undefined;

  const from = new Varints(bytes, columnsAt);
  const [ids, names, x, y] = [0, 0, 0, 0].map(() => new Float64Array(count)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  readSteps(from, ids);
  readSteps(from, names);
  readCoordinates(from, rows, x);
  readCoordinates(from, rows, y);
  const tiers = Float64Array.from(ids, () => from.next());
  if (from.failed || !from.atEnd) return undefined;

  const seatNames = listOf(head.seatNames);
  const seat: Json = {};
  let place = 0;
  return {
    head,
    seats: {
      countOf: (row) => Number(row.seats), // as rowsOf() has checked
      seatOf() {
        const tier = tiers[place] ?? 0;
        seat.id = ids[place];
        seat.name = seatNames[names[place] ?? -1];
        seat.x = x[place];
        seat.y = y[place];
        seat.tier = Math.floor(tier / 2);
        seat.wheelchair = tier % 2 === 1;
        ++place;
        return seat;
      },
    },
  };
}
