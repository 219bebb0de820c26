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
