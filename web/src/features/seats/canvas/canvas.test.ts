import { describe, expect, it } from 'vitest';
import { layoutOf, planOf } from '../model/testPlan';
import { between, centred, fitted, held, onBlock } from './camera';
import { contrast, cssOf, distinct, inkOn, parseColor } from './colors';
import { detailAt } from './painter';
import { lookOfTier } from './palette';

const view = { width: 390, height: 600 };
const box = { x0: 0, y0: 0, x1: 1000, y1: 1000 };

describe('the camera', () => {
  it('fits the whole hall above the controls', () => {
    const camera = fitted(box, view, 16, 60);
    expect(1000 * camera.k).toBeLessThanOrEqual(390 - 32 + 0.01);
    expect(camera.y + 1000 * camera.k).toBeLessThanOrEqual(540);
  });

  it('keeps the hall in sight however far it is thrown', () => {
    for (const x of [-1e6, 1e6]) {
      const camera = held({ x, y: x, k: 2 }, box, view);
      expect(camera.x).toBeLessThanOrEqual(390);
      expect(camera.x + 2000).toBeGreaterThanOrEqual(0);
    }
  });

  it('goes to a block with seats large enough for a thumb, around the point that was tapped', () => {
    const camera = onBlock(box, 20, view, { x: 100, y: 900 }, { least: 27, most: 46 });
    expect(20 * camera.k).toBeGreaterThanOrEqual(27);
    const shown = { x: 100 * camera.k + camera.x, y: 900 * camera.k + camera.y };
    expect(shown.x).toBeGreaterThan(0);
    expect(shown.x).toBeLessThan(390);
    expect(shown.y).toBeLessThan(600);
  });

  it('flies from one place to the other and arrives', () => {
    const a = fitted(box, view, 16);
    const b = centred(800, 200, 3, view);
    expect(between(a, b, view, 0)).toEqual(a);
    const end = between(a, b, view, 1);
    expect(end.x).toBeCloseTo(b.x, 3);
    expect(end.k).toBeCloseTo(b.k, 6);
    const pan = between(b, { ...b, x: b.x + 50 }, view, 1);
    expect(pan.x).toBeCloseTo(b.x + 50, 6);
  });
});

describe('colours', () => {
  it('are read as halls write them', () => {
    expect(parseColor('#fff')).toEqual([255, 255, 255]);
    expect(parseColor('#0f6fb9')).toEqual([15, 111, 185]);
    expect(parseColor('rgb(1, 2, 3)')).toEqual([1, 2, 3]);
    expect(parseColor('url(javascript:alert(1))')).toBeUndefined();
  });

  it('of tiers are told from both papers, and numbers on them are read', () => {
    for (const panel of [parseColor('#ffffff'), parseColor('#1d1920')]) {
      for (const color of ['#ffff00', '#000000', '#ffffff', '#86c06c', '#9f6fb0', '#ea580c', 'nonsense']) {
        const look = lookOfTier({ id: 1, name: '', color, price: 1 }, 0, 1, panel ?? [0, 0, 0]);
        expect(contrast(look.rgb, panel ?? [0, 0, 0])).toBeGreaterThanOrEqual(2.99);
        expect(contrast(parseColor(look.ink) ?? [0, 0, 0], look.rgb)).toBeGreaterThanOrEqual(4.4);
      }
    }
  });

  it('stay as they are when they can be told already', () => {
    expect(cssOf(distinct([2, 132, 199], [255, 255, 255], 3))).toBe('#0284c7');
    expect(inkOn([255, 255, 0])).not.toEqual([255, 255, 255]);
  });
});

it('shows blocks from afar, rows nearer, seats near', () => {
  const plan = planOf(layoutOf(4, 10));
  expect([0.05, 0.25, 1].map((k) => detailAt(plan, k))).toEqual(['blocks', 'rows', 'seats']);
});
