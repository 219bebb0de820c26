import { keep, kept } from '@/lib/keep';

/**
 * Which holds were extended already, remembered through a reload: the office extends as often as it is asked within
 * a hold's life, the page offers it once. The office's list does not tell, but a hold that was extended ends when the
 * extension said; a later hold of the same seat ends at another time.
 */
const KEY = 'onsale.extended.';
/** More are not one buyer's; it bounds what a broken store could hold. */
const NOTES_MAX = 100;

export class Extended {
  readonly #key: string;

  constructor(eventId: number) {
    this.#key = KEY + eventId;
  }

  #read(): [number, number][] {
    try {
      const notes: unknown = JSON.parse(kept(this.#key) ?? '[]');
      if (!Array.isArray(notes)) return [];
      return notes.filter(
        (note): note is [number, number] =>
          Array.isArray(note) && Number.isFinite(note[0]) && Number.isFinite(note[1]),
      );
    } catch {
      return [];
    }
  }

  /** Until when these were extended. What ended before `now` is forgotten. */
  note(ends: ReadonlyMap<number, number>, now: number): void {
    const notes = [...this.#read().filter(([id, end]) => end > now && !ends.has(id)), ...ends];
    keep(this.#key, JSON.stringify(notes.slice(-NOTES_MAX)));
  }

  /** As a question about a hold that ends at a time. */
  asked(): (seatId: number, expiresAt: number) => boolean {
    const notes = new Map(this.#read());
    return (seatId, expiresAt) => notes.get(seatId) === expiresAt;
  }
}
