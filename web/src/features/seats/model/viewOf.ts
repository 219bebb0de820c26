// What one will see from a seat, as far as the plan tells: how far the stage is, and on which hand.

import type { Area, HallPlan } from './plan';
import { UNPLACED } from './plan';

export interface SeatView {
  readonly distance: 'near' | 'middle' | 'far';
  // The seat's side, for somebody who faces the stage.
  readonly side: 'left' | 'centre' | 'right' | 'behind';
}

const STAGE = /무대|스테이지|stage|screen|스크린/i;
const CENTRE_DEGREES = 14;
const BEHIND_DEGREES = 105;

function middleOf(area: Area): { x: number; y: number } | undefined {
  const { shape } = area;
  switch (shape.kind) {
    case 'rectangle':
      return { x: shape.x + shape.width / 2, y: shape.y + shape.height / 2 };
    case 'ellipse':
      return { x: shape.x, y: shape.y };
    case 'polygon': {
      const n = shape.points.length;
      return {
        x: shape.points.reduce((sum, point) => sum + point.x, 0) / n,
        y: shape.points.reduce((sum, point) => sum + point.y, 0) / n,
      };
    }
    case 'text':
      return area.text && { x: area.text.x, y: area.text.y };
  }
}

// A function of the place, or undefined when the plan shows no stage.
export function viewsOf(plan: HallPlan): ((place: number) => SeatView | undefined) | undefined {
  const stage = plan.areas.find((area) => area.text && STAGE.test(area.text.text));
  const at = stage && middleOf(stage);
  if (!at) return undefined;
  const sum = { x: 0, y: 0, n: 0 };
  let farthest = 0;
  let nearest = Infinity;
  for (let place = 0; place < plan.count; ++place) {
    if (((plan.flags[place] ?? 0) & UNPLACED) !== 0) continue;
    const x = plan.x[place] ?? 0;
    const y = plan.y[place] ?? 0;
    sum.x += x;
    sum.y += y;
    ++sum.n;
    const away = Math.hypot(x - at.x, y - at.y);
    farthest = Math.max(farthest, away);
    nearest = Math.min(nearest, away);
  }
  if (sum.n === 0 || farthest <= nearest) return undefined;
  const axis = { x: sum.x / sum.n - at.x, y: sum.y / sum.n - at.y };
  return (place) => {
    if (((plan.flags[place] ?? 0) & UNPLACED) !== 0) return undefined;
    const x = (plan.x[place] ?? 0) - at.x;
    const y = (plan.y[place] ?? 0) - at.y;
    const share = (Math.hypot(x, y) - nearest) / (farthest - nearest);
    const turn = (Math.atan2(axis.x * y - axis.y * x, axis.x * x + axis.y * y) * 180) / Math.PI;
    const away = Math.abs(turn);
    return {
      distance: share < 0.34 ? 'near' : share < 0.67 ? 'middle' : 'far',
      // y points down: facing the stage, what turns one way on paper is on the other hand.
      side: away > BEHIND_DEGREES ? 'behind' : away < CENTRE_DEGREES ? 'centre' : turn < 0 ? 'right' : 'left',
    };
  };
}
