// Halls for tests, in the contract's own form.
import type { HallPlan } from './plan';
import { readLayout } from './readLayout';

export interface SeatForm {
  id: number;
  name: string;
  x: number;
  y: number;
  tier: number;
  wheelchair?: boolean;
}

export function layoutOf(rows: number, columns: number, more: Record<string, unknown> = {}) {
  return {
    hash: '0123456789abcdef',
    name: 'Test Hall',
    width: columns * 20,
    height: rows * 20,
    tiers: [
      { id: 1, name: 'R', color: '#db2777', price: 120_000 },
      { id: 2, name: 'S', color: '#0284c7', price: 90_000 },
    ],
    sections: [
      {
        name: 'A',
        x: 0,
        y: 0,
        rows: Array.from({ length: rows }, (_, r) => ({
          name: String.fromCharCode(65 + r),
          seats: Array.from(
            { length: columns },
            (_, c): SeatForm => ({
              id: 1 + r * columns + c,
              name: String(c + 1),
              x: c * 20,
              y: 100 + r * 20,
              tier: r < rows / 2 ? 1 : 2,
            }),
          ),
        })),
        areas: [
          {
            shape: 'rectangle',
            x: 0,
            y: 0,
            width: columns * 20,
            height: 40,
            text: { text: 'Stage', x: columns * 10, y: 20 },
          },
        ],
      },
    ],
    ...more,
  };
}

export function planOf(layout: unknown): HallPlan {
  const read = readLayout(layout);
  if (!read.ok) throw new Error(read.fault);
  return read.plan;
}

export function mapBytes(statuses: readonly number[], version: number): ArrayBuffer {
  const bytes = new Uint8Array(16 + Math.ceil(statuses.length / 4));
  const view = new DataView(bytes.buffer);
  bytes.set([79, 83, 77, 49]);
  view.setBigUint64(4, BigInt(version), true);
  view.setUint32(12, statuses.length, true);
  for (const [i, status] of statuses.entries()) {
    const at = 16 + (i >> 2);
    bytes[at] = (bytes[at] ?? 0) | (status << (2 * (i & 3)));
  }
  return bytes.buffer;
}

export function deltaBytes(
  from: number,
  to: number,
  changes: readonly (readonly [number, number])[],
): ArrayBuffer {
  const bytes: number[] = [79, 83, 68, 49];
  for (const version of [from, to]) {
    const word = new DataView(new ArrayBuffer(8));
    word.setBigUint64(0, BigInt(version), true);
    for (let i = 0; i < 8; ++i) bytes.push(word.getUint8(i));
  }
  let previous = 0;
  for (const [index, status] of changes) {
    const step = index - previous;
    let value = (step >= 0 ? 2 * step : -2 * step - 1) * 4 + status;
    while (value >= 128) {
      bytes.push((value % 128) | 128);
      value = Math.floor(value / 128);
    }
    bytes.push(value);
    previous = index;
  }
  return Uint8Array.from(bytes).buffer;
}

function varint(into: number[], value: number): void {
  for (; value >= 128; value = Math.floor(value / 128)) into.push((value % 128) | 128);
  into.push(value);
}
export function difference(into: number[], value: number): void {
  varint(into, value >= 0 ? 2 * value : -2 * value - 1);
}

type AnyLayout = Omit<ReturnType<typeof layoutOf>, 'sections'> & {
  sections: (Omit<ReturnType<typeof layoutOf>['sections'][number], 'rows'> & {
    rows: { name: string; seats: SeatForm[] }[];
  })[];
};

// Head and columns as the contract puts them together.
export function compactBytes(head: unknown, columns: readonly number[]): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(JSON.stringify(head));
  const bytes = new Uint8Array(8 + text.length + columns.length);
  bytes.set([79, 83, 76, 49]);
  new DataView(bytes.buffer).setUint32(4, text.length, true);
  bytes.set(text, 8);
  bytes.set(columns, 8 + text.length);
  return bytes;
}

// The compact form of a layout.
export function compactOf(layout: AnyLayout): Uint8Array<ArrayBuffer> {
  const rows = layout.sections.flatMap((section) => section.rows.map((row) => row.seats));
  const seats = rows.flat();
  const seatNames = [...new Set(seats.map((seat) => seat.name))];
  const columns: number[] = [];
  const steps = (values: number[]) => {
    for (const [i, value] of values.entries()) difference(columns, value - (values[i - 1] ?? 0));
  };
  steps(seats.map((seat) => seat.id));
  steps(seats.map((seat) => seatNames.indexOf(seat.name)));
  for (const of of ['x', 'y'] as const) {
    let before: number[] = [];
    for (const row of rows) {
      const at = (k: number) => Math.round((row[k]?.[of] ?? 0) * 1000);
      const told = row.map((_, k) => {
        if (k === 0) return at(0);
        if (k === 1) return at(1) - at(0);
        if (k === 2) return at(2) - 2 * at(1) + at(0);
        return at(k) - 3 * at(k - 1) + 3 * at(k - 2) - at(k - 3);
      });
      for (const [k, value] of told.entries()) difference(columns, value - (before[k] ?? 0));
      before = told;
    }
  }
  for (const { tier, wheelchair } of seats) varint(columns, tier * 2 + (wheelchair ? 1 : 0));
  const sections = layout.sections.map((section) => ({
    ...section,
    rows: section.rows.map((row) => ({ ...row, seats: row.seats.length })),
  }));
  return compactBytes({ ...layout, sections, seatNames }, columns);
}
