import { describe, expect, it, vi } from 'vitest';
import { makeHall } from './hall';
import { AVAILABLE, BLOCKED, HELD, SeatStore, SOLD } from './seatStore';
import { layoutOf, planOf } from './testPlan';

const store = (mapIds?: number[]) => new SeatStore(planOf(layoutOf(2, 3)), mapIds);

describe('the seats', () => {
  it('are not for sale until a map has come', () => {
    expect(store().counts()).toEqual({ available: 0, held: 0, sold: 0, blocked: 6 });
  });

  it('are counted as they change, in all, by block and by tier', () => {
    const seats = store();
    seats.replace(Uint8Array.of(0, 1, 2, 3, 0, 0), 5);
    expect(seats.counts()).toEqual({ available: 3, held: 1, sold: 1, blocked: 1 });
    expect([...seats.availableOfTier]).toEqual([1, 2, 0]);
    seats.set(0, HELD);
    seats.set(1, AVAILABLE);
    seats.set(4, SOLD);
    expect(seats.counts()).toEqual({ available: 2, held: 1, sold: 2, blocked: 1 });
    expect([...seats.availableOfSection]).toEqual([2]);
  });

  it('tell each change to the canvas and each batch to the rest', () => {
    const seats = store();
    seats.replace(new Uint8Array(6), 1);
    const each = vi.fn();
    const batch = vi.fn();
    seats.onSeat(each);
    seats.onBatch(batch);
    seats.set(2, HELD);
    seats.set(2, HELD);
    seats.set(3, SOLD);
    seats.tellBatch();
    expect(each.mock.calls).toEqual([
      [2, AVAILABLE, HELD],
      [3, AVAILABLE, SOLD],
    ]);
    expect(batch).toHaveBeenCalledTimes(1);
  });

  it('are found by index though the plan lists them in another order', () => {
    const layout = layoutOf(2, 3);
    layout.sections[0]?.rows.reverse();
    const seats = new SeatStore(planOf(layout));
    seats.replace(Uint8Array.of(2, 0, 0, 0, 0, 1), 1);
    expect(seats.status[seats.placeOf(1) ?? -1]).toBe(SOLD);
    expect(seats.status[seats.placeOf(6) ?? -1]).toBe(HELD);
  });

  it('follow the ids of the map when it has seats that the plan has not', () => {
    const seats = store([100, 1, 2, 3, 4, 5, 6]);
    seats.replace(Uint8Array.of(2, 0, 1, 0, 0, 0, 0), 1);
    expect(seats.status[seats.placeOf(2) ?? -1]).toBe(HELD);
    expect(seats.counts().sold).toBe(0);
    expect(seats.setByIndex(0, HELD)).toBe(false);
  });

  it('that the map does not tell are not for sale', () => {
    const seats = store();
    seats.replace(Uint8Array.of(0, 0), 1);
    expect(seats.counts()).toMatchObject({ available: 2, blocked: 4 });
  });
});

describe('nearest free seats', () => {
  const hall = (taken: Record<number, number>, rows = 6, columns = 10) => {
    const seats = new SeatStore(planOf(layoutOf(rows, columns)));
    seats.replace(new Uint8Array(rows * columns), 1);
    for (const [id, status] of Object.entries(taken)) seats.set(seats.placeOf(Number(id)) ?? -1, status);
    return makeHall(
      seats,
      () => 'KRW',
      () => [],
    );
  };
  const ids = (seats: { id: number }[]) => seats.map((seat) => seat.id);

  it('are side by side, of the same tier, as close as can be', () => {
    expect(ids(hall({ 5: HELD }).nearestFree([5], 1))).toEqual([4]);
    expect(ids(hall({ 5: HELD, 4: HELD, 6: HELD }).nearestFree([5], 1))).toEqual([15]);
    expect(ids(hall({ 15: SOLD, 16: SOLD }).nearestFree([15, 16], 2))).toEqual([5, 6]);
  });

  it('never offer the seat that was just refused, though the feed has not told yet', () => {
    expect(ids(hall({}).nearestFree([5], 1))).not.toContain(5);
    expect(ids(hall({}).nearestFree([5, 6], 2, [6]))).toEqual([4, 5]);
  });

  it('do not step over a taken seat, an aisle, or into another tier', () => {
    const layout = layoutOf(1, 6);
    for (const [i, seat] of (layout.sections[0]?.rows[0]?.seats ?? []).entries()) if (i > 2) seat.x += 60;
    layout.sections[0]?.rows[0]?.seats.forEach((seat) => {
      seat.tier = 1;
    });
    const seats = new SeatStore(planOf(layout));
    seats.replace(Uint8Array.of(1, 0, 0, 0, 0, 0), 1);
    const found = makeHall(
      seats,
      () => 'KRW',
      () => [],
    );
    expect(ids(found.nearestFree([1], 2))).toEqual([2, 3]);
    expect(ids(found.nearestFree([1], 3))).toEqual([4, 5, 6]);
    expect(ids(found.nearestFree([1], 4))).toEqual([]);
  });

  it('are none when nothing equal is left, or nothing was asked', () => {
    const all = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [i + 1, BLOCKED]));
    expect(hall(all).nearestFree([3], 1)).toEqual([]);
    expect(hall({}).nearestFree([], 2)).toEqual([]);
    expect(hall({}).nearestFree([999_999], 1)).toEqual([]);
  });

  it('tell a seat in full', () => {
    expect(hall({}).seat(12)).toEqual({
      id: 12,
      index: 11,
      section: 'A',
      row: 'B',
      name: '2',
      tierId: 1,
      tierName: 'R',
      price: 120_000,
      currency: 'KRW',
      x: 20,
      y: 120,
      wheelchair: false,
    });
    expect(hall({}).statusOf(404)).toBe('BLOCKED');
  });
});
