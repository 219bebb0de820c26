import { screen } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { renderPage } from '@/test/render';
import type { Mine } from '../canvas/painter';
import { HELD, SeatStore } from '../model/seatStore';
import { layoutOf, planOf } from '../model/testPlan';
import { SectionGrid } from './SectionGrid';

function grid(statuses: number[] = [], mine: ReadonlyMap<number, Mine> = new Map(), rows = 6, seats = 40) {
  const store = new SeatStore(planOf(layoutOf(rows, seats)));
  store.replace(
    Uint8Array.from({ length: rows * seats }, (_, i) => statuses[i] ?? 0),
    1,
  );
  const onPick = vi.fn();
  const onFocusSeat = vi.fn();
  const page = renderPage(
    <SectionGrid
      shown
      store={store}
      section={0}
      currency="KRW"
      mine={mine}
      onPick={onPick}
      onFocusSeat={onFocusSeat}
    />,
  );
  return { ...page, store, onPick, onFocusSeat };
}
const focused = () => document.activeElement?.getAttribute('aria-label') ?? '';

describe('the seats of a block as a grid', () => {
  it('say where they are, what they cost and what they are', async () => {
    const { user } = grid([0, 1, 2], new Map([[4, 'held']]));
    await user.tab();
    expect(focused()).toBe('A, row A, seat 1, R, ₩120,000, available');
    await user.keyboard('{ArrowRight}');
    expect(focused()).toContain('held by someone else');
    await user.keyboard('{ArrowRight}');
    expect(focused()).toContain('sold');
    await user.keyboard('{ArrowRight}');
    expect(focused()).toContain('held by you');
  });

  it('begin at the first free seat, with one stop for the tab key', async () => {
    const { user } = grid([2, 2, 0]);
    await user.tab();
    expect(focused()).toContain('seat 3');
    expect(document.querySelectorAll('[role=gridcell][tabindex="0"]')).toHaveLength(1);
  });

  it('are walked by arrows, Home, End, Page Down and Control', async () => {
    const { user, onFocusSeat } = grid();
    await user.tab();
    await user.keyboard('{ArrowDown}{End}');
    expect(focused()).toContain('row B, seat 40');
    await user.keyboard('{ArrowRight}');
    expect(focused()).toContain('row B, seat 40');
    await user.keyboard('{Home}{PageDown}');
    expect(focused()).toContain('row F, seat 1');
    await user.keyboard('{Control>}{Home}{/Control}');
    expect(focused()).toContain('row A, seat 1');
    await user.keyboard('{Control>}{End}{/Control}');
    expect(focused()).toContain('row F, seat 40');
    expect(onFocusSeat).toHaveBeenLastCalledWith(6 * 40 - 1);
  });

  it('are picked by Enter and by Space, with what they are now', async () => {
    const { user, onPick } = grid([0, 1]);
    await user.tab();
    await user.keyboard('{Enter}{ArrowRight} ');
    expect(onPick.mock.calls.map(([seat, status]) => [seat.id, status])).toEqual([
      [1, 'AVAILABLE'],
      [2, 'HELD'],
    ]);
  });

  it('exist only where they can be seen, however large the block', async () => {
    const { user } = grid([], new Map(), 200, 300);
    expect(screen.getByRole('grid')).toHaveAttribute('aria-rowcount', '200');
    expect(screen.getByRole('grid')).toHaveAttribute('aria-colcount', '301');
    expect(screen.getAllByRole('gridcell').length).toBeLessThan(400);
    await user.tab();
    await user.keyboard('{Control>}{End}{/Control}');
    expect(focused()).toContain('seat 300');
    expect(screen.getAllByRole('gridcell').length).toBeLessThan(400);
  });

  it('change as the feed tells, and keep the focus', async () => {
    const { user, store } = grid();
    await user.tab();
    store.set(0, HELD);
    store.tellBatch();
    await vi.waitFor(() => expect(focused()).toContain('held by someone else'));
    expect(document.activeElement).toHaveAttribute('role', 'gridcell');
  });
});
