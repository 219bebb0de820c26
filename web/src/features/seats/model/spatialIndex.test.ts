import { describe, expect, it } from 'vitest';
import { gridOf, SpatialIndex } from './spatialIndex';

const random = (seed: number) => () => {
  seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
  return seed / 2_147_483_648;
};

function scattered(count: number, width: number, height: number) {
  const next = random(count);
  const x = Float64Array.from({ length: count }, () => next() * width);
  const y = Float64Array.from({ length: count }, () => next() * height);
  const grid = gridOf(x, y, () => false, { x0: 0, y0: 0, x1: width, y1: height });
  return { x, y, index: new SpatialIndex(x, y, grid) };
}

describe('the spatial index', () => {
  it.each([
    [1, 10, 10],
    [500, 1000, 800],
    [500, 100_000, 0],
    [3000, 50, 90_000],
  ])('finds what a scan of %i seats finds', (count, width, height) => {
    const { x, y, index } = scattered(count, width, height);
    const next = random(7);
    for (let i = 0; i < 40; ++i) {
      const x0 = next() * width - 5;
      const y0 = next() * height - 5;
      const x1 = x0 + next() * width * 0.4;
      const y1 = y0 + next() * height * 0.4 + 5;
      const found: number[] = [];
      index.within(x0, y0, x1, y1, (place) => found.push(place));
      const scanned = [...x.keys()].filter((p) => {
        const [px = 0, py = 0] = [x[p], y[p]];
        return px >= x0 && px <= x1 && py >= y0 && py <= y1;
      });
      expect(found.sort((a, b) => a - b)).toEqual(scanned);
    }
  });

  it('finds the nearest, and none beyond the reach', () => {
    const x = Float64Array.of(0, 10, 20);
    const y = Float64Array.of(0, 0, 0);
    const grid = gridOf(x, y, (place) => place === 1, { x0: 0, y0: 0, x1: 20, y1: 0 });
    const index = new SpatialIndex(x, y, grid);
    expect(index.nearest(9, 0, 15)).toBe(0);
    expect(index.nearest(11, 1, 15)).toBe(2);
    expect(index.nearest(10, 0, 5)).toBe(-1);
  });
});
