// What the rest of the page may ask about a hall: seats by id, in the trade's words. The plan and the
// store behind it belong to this feature alone.

import type { SeatInfo, SeatStatus } from '@/lib/seat';
import { nearestFree } from './nearestFree';
import { type Fault, seatName, WHEELCHAIR } from './plan';
import { statusName } from './seatMapCodec';
import type { SeatCounts, SeatStore } from './seatStore';

export interface Hall {
  readonly name: string;
  readonly layoutHash: string;
  // What was wrong with the plan or the map; the page stays usable.
  readonly faults: readonly Fault[];
  seat(id: number): SeatInfo | undefined;
  statusOf(id: number): SeatStatus;
  // Equal seats: same tier, side by side in one row, closest to `ids`. Empty when there are none.
  // `refused`: seats known to be gone before the feed has told so.
  nearestFree(ids: readonly number[], count: number, refused?: readonly number[]): SeatInfo[];
  counts(): SeatCounts;
  // Told after each batch of changes.
  subscribe(listener: () => void): () => void;
}

export function seatInfo(store: SeatStore, place: number, currency: string): SeatInfo {
  const { plan } = store;
  const tier = plan.tiers[plan.tierOf[place] ?? plan.tiers.length];
  return {
    id: plan.ids[place] ?? 0,
    index: store.indexOf[place] ?? 0,
    section: plan.sections[plan.sectionOf[place] ?? 0]?.name ?? '',
    row: plan.rows[plan.rowOf[place] ?? 0]?.name ?? '',
    name: seatName(plan, place),
    tierId: tier?.id ?? -1,
    tierName: tier?.name ?? '',
    price: tier?.price ?? 0,
    currency,
    x: plan.x[place] ?? 0,
    y: plan.y[place] ?? 0,
    wheelchair: ((plan.flags[place] ?? 0) & WHEELCHAIR) !== 0,
  };
}

export function makeHall(store: SeatStore, currency: () => string, faults: () => readonly Fault[]): Hall {
  const { plan } = store;
  return {
    name: plan.name,
    layoutHash: plan.hash,
    get faults() {
      return faults();
    },
    seat(id) {
      const place = store.placeOf(id);
      return place === undefined ? undefined : seatInfo(store, place, currency());
    },
    statusOf(id) {
      const place = store.placeOf(id);
      return place === undefined ? 'BLOCKED' : statusName(store.status[place] ?? 3);
    },
    nearestFree(ids, count, refused) {
      const wanted = ids.flatMap((id) => store.placeOf(id) ?? []);
      const gone = new Set((refused ?? []).flatMap((id) => store.placeOf(id) ?? []));
      // Nobody said which was refused, and the feed has not told yet: then none of them is offered.
      const told = gone.size > 0 || (wanted.length > 1 && wanted.some((p) => store.status[p] !== 0));
      if (!told) for (const place of wanted) gone.add(place);
      return nearestFree(plan, store.status, wanted, count, gone).map((place) =>
        seatInfo(store, place, currency()),
      );
    },
    counts: () => store.counts(),
    subscribe: (listener) => store.onBatch(listener),
  };
}
