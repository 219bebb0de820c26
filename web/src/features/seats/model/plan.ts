// A hall as the page holds it: one array a property, a seat is a *place* (its position in these
// arrays, in the plan's own order). 80,000 seats as objects cost 20 MB and a walk through the heap
// for every frame; as arrays they cost 2 MB and a scan.
//
// A place is not an index: the *index* is where the seat map keeps the seat (see seatStore.ts).
//
// Numbers and a few texts only, nothing that computes: a worker makes it, and its arrays change hands
// without being copied (see planReader.ts).

import type { Grid } from './spatialIndex';

export interface Box {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

export interface Tier {
  readonly id: number;
  readonly name: string;
  readonly color: string;
  readonly price: number;
}

export interface AreaText {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly size: number | undefined;
}

export type AreaShape =
  | { readonly kind: 'rectangle'; x: number; y: number; width: number; height: number }
  | { readonly kind: 'ellipse'; x: number; y: number; radiusX: number; radiusY: number }
  | { readonly kind: 'polygon'; points: readonly { x: number; y: number }[] }
  | { readonly kind: 'text' };

// Decoration: stage, aisles, texts.
export interface Area {
  readonly shape: AreaShape;
  readonly rotation: number; // degrees
  readonly color: string | undefined;
  readonly borderColor: string | undefined;
  readonly text: AreaText | undefined;
}

export interface Row {
  readonly name: string;
  readonly section: number;
  readonly first: number; // place of its first seat
  readonly count: number;
}

export interface Section {
  readonly name: string;
  readonly firstRow: number;
  readonly rowCount: number;
  readonly first: number;
  readonly count: number;
  // Of the seats that can be drawn; undefined when none can.
  readonly box: Box | undefined;
  // Around its seats' centres, x y x y …; empty when nothing can be drawn.
  readonly outline: Float64Array;
  // The least usual distance between two neighbours, in the hall's units.
  readonly pitch: number;
  readonly labelX: number;
  readonly labelY: number;
}

export const WHEELCHAIR = 1;
export const UNPLACED = 2; // its coordinates are no place in a hall: not drawn, but in the list
export const UNPRICED = 4; // its tier is not in the plan: shown, not for sale

export interface HallPlan {
  readonly hash: string;
  readonly name: string;
  readonly box: Box;
  readonly tiers: readonly Tier[];
  readonly sections: readonly Section[];
  readonly rows: readonly Row[];
  readonly areas: readonly Area[];
  readonly count: number;
  readonly pitch: number;
  readonly ids: Float64Array;
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly tierOf: Uint16Array; // position in tiers; tiers.length when it is not in the plan
  readonly sectionOf: Uint32Array;
  readonly rowOf: Uint32Array;
  readonly flags: Uint8Array;
  readonly nameOf: Uint32Array; // position in names
  readonly names: readonly string[]; // each once: halls number their rows from 1 again and again
  readonly byId: Uint32Array; // places, by rising id
  readonly grid: Grid; // of the seats that can be drawn
  readonly faults: readonly Fault[];
}

export function seatName(plan: HallPlan, place: number): string {
  return plan.names[plan.nameOf[place] ?? -1] ?? '';
}

// What is wrong with what the office sent, in words of the trade; the text is in the locale files.
export type FaultKind =
  | 'notALayout'
  | 'tooManySeats'
  | 'noSeats'
  | 'badCoordinates'
  | 'repeatedSeats'
  | 'badSeats'
  | 'unknownTiers'
  | 'badAreas'
  | 'unknownSeats'
  | 'unknownStatuses'
  | 'mapAndPlanDiffer';

export interface Fault {
  readonly kind: FaultKind;
  readonly count: number;
}
