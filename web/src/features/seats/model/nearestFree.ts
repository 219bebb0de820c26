// "Gone. But these are free": seats of the same tier, side by side in one row, as close as can be to
// the ones that were wanted. One pass over the hall.

import { type HallPlan, UNPLACED, UNPRICED } from './plan';
import { AVAILABLE } from './seatMapCodec';

// Two seats farther apart than so many usual distances have an aisle between them.
const AISLE_PITCHES = 1.7;
// Stepping to another row is felt more than moving along one: it is another view.
const OTHER_ROW_WEIGHT = 1.35;

export function nearestFree(
  plan: HallPlan,
  status: Uint8Array,
  wanted: readonly number[],
  count: number,
  refused: ReadonlySet<number>,
): number[] {
  const first = wanted[0];
  if (first === undefined || count < 1 || !Number.isInteger(count)) return [];
  const tier = plan.tierOf[first];
  if (tier === undefined || tier >= plan.tiers.length) return [];
  let wantedX = 0;
  let wantedY = 0;
  for (const place of wanted) {
    wantedX += (plan.x[place] ?? 0) / wanted.length;
    wantedY += (plan.y[place] ?? 0) / wanted.length;
  }
  const wantedRow = plan.rowOf[first];

  const free = (place: number) =>
    status[place] === AVAILABLE &&
    plan.tierOf[place] === tier &&
    ((plan.flags[place] ?? 0) & (UNPRICED | UNPLACED)) === 0 &&
    !refused.has(place);

  let best = -1;
  let least = Infinity;
  for (const [r, row] of plan.rows.entries()) {
    const reach = (plan.sections[row.section]?.pitch ?? plan.pitch) * AISLE_PITCHES;
    let run = 0;
    let sumX = 0;
    let sumY = 0;
    for (let place = row.first; place < row.first + row.count; ++place) {
      if (!free(place)) {
        run = 0;
        continue;
      }
      const x = plan.x[place] ?? 0;
      const y = plan.y[place] ?? 0;
      const apart = run > 0 ? Math.hypot(x - (plan.x[place - 1] ?? 0), y - (plan.y[place - 1] ?? 0)) : 0;
      if (run === 0 || apart > reach) {
        run = 1;
        sumX = x;
        sumY = y;
      } else {
        ++run;
        sumX += x;
        sumY += y;
      }
      if (run > count) {
        sumX -= plan.x[place - count] ?? 0;
        sumY -= plan.y[place - count] ?? 0;
        run = count;
      }
      if (run < count) continue;
      const away = Math.hypot(sumX / count - wantedX, sumY / count - wantedY);
      const weighed = r === wantedRow ? away : away * OTHER_ROW_WEIGHT;
      if (weighed < least) {
        least = weighed;
        best = place - count + 1;
      }
    }
  }
  return best < 0 ? [] : Array.from({ length: count }, (_, i) => best + i);
}
