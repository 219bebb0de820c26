export interface Counts {
  available: number;
  held: number;
  sold: number;
  blocked: number;
}

const MAGIC = 0x314d534f; // "OSM1", little-endian
const HEAD_BYTES = 16;

/** Counts a seat map in the contract's binary form; nothing when it is none. */
export function countSeats(map: ArrayBuffer): Counts | undefined {
  if (map.byteLength < HEAD_BYTES) return undefined;
  const view = new DataView(map);
  if (view.getUint32(0, true) !== MAGIC) return undefined;
  const seats = view.getUint32(12, true);
  if (map.byteLength !== HEAD_BYTES + Math.ceil(seats / 4)) return undefined;
  const bytes = new Uint8Array(map, HEAD_BYTES);
  const tally: [number, number, number, number] = [0, 0, 0, 0];
  for (let i = 0; i < seats; i++) {
    const status = (((bytes[i >> 2] ?? 0) >> (2 * (i & 3))) & 3) as 0 | 1 | 2 | 3;
    tally[status]++;
  }
  return { available: tally[0], held: tally[1], sold: tally[2], blocked: tally[3] };
}
