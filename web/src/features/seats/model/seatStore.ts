// What each seat is now, outside of React: bytes that the stream writes and the canvas reads. Two
// kinds of listeners: those who need each seat (the canvas, to repaint just that one) and those who
// are told once for a batch (counts, lists).

import type { HallPlan } from './plan';
import { AVAILABLE, BLOCKED, HELD, SOLD } from './seatMapCodec';

export interface SeatCounts {
  readonly available: number;
  readonly held: number;
  readonly sold: number;
  readonly blocked: number;
}

export type SeatListener = (place: number, from: number, to: number) => void;

export class SeatStore {
  readonly plan: HallPlan;
  // By place.
  readonly status: Uint8Array;
  // The seat map's index of each place.
  readonly indexOf: Uint32Array;
  readonly availableOfSection: Int32Array;
  readonly availableOfTier: Int32Array;
  version = 0;
  // Rises with every change; what a snapshot of React compares.
  revision = 0;

  // -1 where the plan does not show the seat.
  private readonly placeOfIndex: Int32Array | Uint32Array;
  private readonly totals = [0, 0, 0, 0];
  private readonly seatListeners = new Set<SeatListener>();
  private readonly resetListeners = new Set<() => void>();
  private readonly batchListeners = new Set<() => void>();

  // `mapIds`: the ids of the seat map by index, when it knows seats that the plan does not. Otherwise
  // an index is the rank of its id: new seats are numbered behind the old ones.
  constructor(plan: HallPlan, mapIds?: readonly number[]) {
    this.plan = plan;
    this.status = new Uint8Array(plan.count).fill(BLOCKED);
    this.indexOf = new Uint32Array(plan.count);
    this.availableOfSection = new Int32Array(plan.sections.length);
    this.availableOfTier = new Int32Array(plan.tiers.length + 1);
    this.placeOfIndex = mapIds ? Int32Array.from(mapIds, (id) => this.placeOf(id) ?? -1) : plan.byId;
    for (let index = 0; index < this.placeOfIndex.length; ++index) {
      const place = this.placeOfIndex[index] ?? -1;
      if (place >= 0) this.indexOf[place] = index;
    }
    this.totals[BLOCKED] = plan.count;
  }

  placeOf(id: number): number | undefined {
    const { byId, ids } = this.plan;
    let low = 0;
    let high = byId.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ids[byId[middle] ?? 0] ?? 0) < id) low = middle + 1;
      else high = middle;
    }
    const place = byId[low];
    return place !== undefined && ids[place] === id ? place : undefined;
  }

  counts(): SeatCounts {
    const [available = 0, held = 0, sold = 0, blocked = 0] = this.totals;
    return { available, held, sold, blocked };
  }

  // The whole map. Seats that it does not tell are not for sale.
  replace(statuses: Uint8Array, version: number): void {
    const { plan, status, totals } = this;
    totals.fill(0);
    this.availableOfSection.fill(0);
    this.availableOfTier.fill(0);
    status.fill(BLOCKED);
    const known = Math.min(statuses.length, this.placeOfIndex.length);
    for (let index = 0; index < known; ++index) {
      const place = this.placeOfIndex[index] ?? -1;
      if (place >= 0) status[place] = statuses[index] ?? BLOCKED;
    }
    for (let place = 0; place < plan.count; ++place) {
      const now = status[place] ?? BLOCKED;
      totals[now] = (totals[now] ?? 0) + 1;
      if (now === AVAILABLE) this.countAvailable(place, 1);
    }
    this.version = version;
    ++this.revision;
    for (const listener of this.resetListeners) listener();
    this.tellBatch();
  }

  // One seat. Call `tellBatch` when the batch is through.
  set(place: number, now: number): boolean {
    const before = this.status[place];
    if (before === undefined || before === now) return false;
    this.status[place] = now;
    this.totals[before] = (this.totals[before] ?? 0) - 1;
    this.totals[now] = (this.totals[now] ?? 0) + 1;
    if (before === AVAILABLE) this.countAvailable(place, -1);
    if (now === AVAILABLE) this.countAvailable(place, 1);
    ++this.revision;
    for (const listener of this.seatListeners) listener(place, before, now);
    return true;
  }

  setByIndex(index: number, now: number): boolean {
    const place = this.placeOfIndex[index] ?? -1;
    return place >= 0 && this.set(place, now);
  }

  tellBatch(): void {
    for (const listener of this.batchListeners) listener();
  }

  onSeat(listener: SeatListener): () => void {
    this.seatListeners.add(listener);
    return () => this.seatListeners.delete(listener);
  }
  onReset(listener: () => void): () => void {
    this.resetListeners.add(listener);
    return () => this.resetListeners.delete(listener);
  }
  onBatch(listener: () => void): () => void {
    this.batchListeners.add(listener);
    return () => this.batchListeners.delete(listener);
  }

  private countAvailable(place: number, by: number): void {
    const section = this.plan.sectionOf[place] ?? 0;
    const tier = this.plan.tierOf[place] ?? 0;
    this.availableOfSection[section] = (this.availableOfSection[section] ?? 0) + by;
    this.availableOfTier[tier] = (this.availableOfTier[tier] ?? 0) + by;
  }
}

export { AVAILABLE, BLOCKED, HELD, SOLD };
