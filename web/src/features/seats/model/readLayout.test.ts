import { describe, expect, it } from 'vitest';
import { example } from '@/test/contract';
import { contains } from './outline';
import { UNPLACED, UNPRICED, WHEELCHAIR } from './plan';
import { readLayout, SEATS_MAX } from './readLayout';
import { layoutOf, planOf } from './testPlan';

const faultsOf = (layout: unknown) => planOf(layout).faults.map(({ kind, count }) => [kind, count]);
const withSeat = (seat: Record<string, unknown>) => {
  const layout = layoutOf(4, 10);
  Object.assign(layout.sections[0]?.rows[1]?.seats[3] ?? {}, seat);
  return layout;
};

describe('a layout', () => {
  it('of the contract becomes seats by place', () => {
    const plan = planOf(example('/ticketing/catalog/api/events/{eventId}/layout', 'get', 200));
    expect(plan.count).toBe(2);
    expect([...plan.ids]).toEqual([1, 4]);
    expect(plan.names).toEqual(['1', '2']);
    expect([...plan.nameOf]).toEqual([0, 1]);
    expect((plan.flags[1] ?? 0) & WHEELCHAIR).toBe(WHEELCHAIR);
    expect(plan.areas[0]?.text?.text).toBe('Stage');
    expect(plan.faults).toEqual([]);
  });

  it('knows how far its seats stand apart, and what lies around a block', () => {
    const plan = planOf(layoutOf(4, 10));
    expect(plan.pitch).toBe(20);
    const { outline = new Float64Array(), box } = plan.sections[0] ?? {};
    expect(box).toEqual({ x0: 0, y0: 100, x1: 180, y1: 160 });
    expect(contains(outline, 90, 130)).toBe(true);
    expect(contains(outline, 90, 80)).toBe(false);
  });

  it('of curved rows has a curved outline: the hollow in front is no part of the block', () => {
    const rows = Array.from({ length: 8 }, (_, r) => ({
      name: String(r),
      seats: Array.from({ length: 30 }, (_, c) => {
        const angle = Math.PI * (0.15 + (0.7 * c) / 29);
        const radius = 300 + r * 22;
        return {
          id: r * 100 + c + 1,
          name: '1',
          x: Math.cos(angle) * radius,
          y: Math.sin(angle) * radius,
          tier: 1,
        };
      }),
    }));
    const plan = planOf({ ...layoutOf(1, 1), sections: [{ name: 'A', x: 0, y: 0, rows, areas: [] }] });
    const outline = plan.sections[0]?.outline ?? new Float64Array();
    expect(contains(outline, 0, 380)).toBe(true);
    expect(contains(outline, 0, 250)).toBe(false);
  });

  it('that is none is refused', () => {
    for (const answer of [null, 7, 'hall', [], {}, { sections: 'none' }]) {
      expect(readLayout(answer)).toEqual({ ok: false, fault: 'notALayout' });
    }
  });

  it('without a seat is an empty hall, and says so', () => {
    expect(faultsOf({ ...layoutOf(1, 1), sections: [] })).toEqual([['noSeats', 1]]);
  });

  it.each([null, 'far', 1e300, Number.NaN])(
    'keeps a seat at x = %s out of the picture but in the list',
    (x) => {
      const plan = planOf(withSeat({ x }));
      expect(plan.count).toBe(40);
      expect((plan.flags[13] ?? 0) & UNPLACED).toBe(UNPLACED);
      expect(plan.faults).toEqual([{ kind: 'badCoordinates', count: 1 }]);
      expect(plan.box.x1).toBeLessThan(1000);
    },
  );

  it('does not shrink to a dot for one seat a million units away', () => {
    const plan = planOf(withSeat({ x: 1_000_000, y: -900_000 }));
    expect((plan.flags[13] ?? 0) & UNPLACED).toBe(UNPLACED);
    expect(plan.box.x1).toBeLessThan(1000);
  });

  it('shows a seat of an unknown tier, and does not sell it', () => {
    const plan = planOf(withSeat({ tier: 99 }));
    expect((plan.flags[13] ?? 0) & UNPRICED).toBe(UNPRICED);
    expect(plan.faults).toEqual([{ kind: 'unknownTiers', count: 1 }]);
  });

  it('leaves repeated and unreadable seats out, and counts them', () => {
    expect(faultsOf(withSeat({ id: 1 }))).toEqual([['repeatedSeats', 1]]);
    expect(faultsOf(withSeat({ id: 'A1' }))).toEqual([['badSeats', 1]]);
  });

  it('with shapes that it does not know is drawn without them', () => {
    const layout = layoutOf(2, 2);
    layout.sections[0]?.areas.push(
      { shape: 'spiral', x: 0, y: 0 } as never,
      { shape: 'circle', x: 0, y: 0 } as never,
    );
    expect(faultsOf(layout)).toEqual([['badAreas', 2]]);
  });

  it('of 10,000 tiers is read in one pass', () => {
    const tiers = Array.from({ length: 10_000 }, (_, i) => ({ id: i, name: `T${i}`, color: 'x', price: i }));
    expect(planOf({ ...layoutOf(4, 10), tiers }).tiers).toHaveLength(10_000);
  });

  it('larger than any hall is cut, and says so', () => {
    const seat = { id: 0, name: '1', x: 1, y: 1, tier: 1 };
    const seats = Array.from({ length: SEATS_MAX + 5 }, (_, i) => ({
      ...seat,
      id: i,
      x: i % 500,
      y: i / 500,
    }));
    const plan = planOf({ ...layoutOf(1, 1), sections: [{ name: 'A', rows: [{ name: '1', seats }] }] });
    expect(plan.count).toBe(SEATS_MAX);
    expect(plan.faults).toContainEqual({ kind: 'tooManySeats', count: 5 });
  });
});
