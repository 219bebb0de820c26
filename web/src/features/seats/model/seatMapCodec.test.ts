import { describe, expect, it } from 'vitest';
import { hexExample } from '@/test/contract';
import { readSeatMap } from './seatMapCodec';
import { deltaBytes, mapBytes } from './testPlan';

const MAP = 'application/vnd.onsale.seatmap';
const DELTA = 'application/vnd.onsale.seatdelta';

describe('the binary seat map', () => {
  it('reads the example of the contract', () => {
    expect(readSeatMap(hexExample(MAP).buffer)).toEqual({
      kind: 'map',
      version: 4294967301,
      statuses: Uint8Array.of(0, 1, 2),
    });
  });

  it('reads the delta of the contract', () => {
    expect(readSeatMap(hexExample(DELTA).buffer)).toEqual({
      kind: 'delta',
      from: 4294967299,
      to: 4294967301,
      indices: [1, 2],
      statuses: [1, 2],
    });
  });

  it('reads back what was written, at any size', () => {
    for (const count of [0, 1, 3, 4, 5, 1000]) {
      const statuses = Array.from({ length: count }, (_, i) => (i * 7) % 4);
      const read = readSeatMap(mapBytes(statuses, 2 ** 52));
      expect(read.kind === 'map' && [...read.statuses]).toEqual(statuses);
    }
  });

  it('reads a delta that steps back and far', () => {
    const read = readSeatMap(
      deltaBytes(1, 9, [
        [5_000_000, 3],
        [2, 1],
        [3, 0],
      ]),
    );
    expect(read).toMatchObject({ kind: 'delta', indices: [5_000_000, 2, 3], statuses: [3, 1, 0] });
  });

  it('refuses what is no map, is cut short, or tells another length', () => {
    const whole = new Uint8Array(mapBytes([0, 1, 2, 3, 0], 7));
    for (let length = 0; length < whole.length; ++length) {
      expect(readSeatMap(whole.slice(0, length).buffer).kind).toBe('bad');
    }
    expect(readSeatMap(Uint8Array.from([...whole, 0]).buffer).kind).toBe('bad');
    expect(readSeatMap(new TextEncoder().encode('<!doctype html><p>no').buffer as ArrayBuffer).kind).toBe(
      'bad',
    );
  });

  it('refuses a delta whose last entry does not end, or that never ends', () => {
    const whole = new Uint8Array(deltaBytes(1, 2, [[300, 1]]));
    expect(readSeatMap(whole.slice(0, -1).buffer).kind).toBe('bad');
    const endless = Uint8Array.from([...whole.slice(0, 20), ...Array.from({ length: 30 }, () => 255)]);
    expect(readSeatMap(endless.buffer).kind).toBe('bad');
  });
});
