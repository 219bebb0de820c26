import { describe, expect, it } from 'vitest';
import { layoutOf, planOf } from './testPlan';
import { viewsOf } from './viewOf';

describe('the view from a seat', () => {
  it('tells the distance and the hand, facing the stage', () => {
    const view = viewsOf(planOf(layoutOf(10, 21)));
    expect(view?.(10)).toEqual({ distance: 'near', side: 'centre' });
    expect(view?.(0)?.side).toBe('left');
    expect(view?.(20)?.side).toBe('right');
    expect(view?.(9 * 21 + 10)).toEqual({ distance: 'far', side: 'centre' });
  });

  it('tells nothing of a hall that shows no stage', () => {
    const layout = layoutOf(2, 2);
    layout.sections[0]?.areas.splice(0);
    expect(viewsOf(planOf(layout))).toBeUndefined();
  });
});
