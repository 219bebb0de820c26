/**
 * A crowd that changes so many seats a second: it holds seats for the shortest time there is and lets them lapse, so
 * that each hold is two changes, and one request, each of another buyer, holds sixteen.
 */
import type { Office } from '../e2e/office.ts';

const GROUP = 16;

export class Crowd {
  held = 0;
  refused = 0;
  readonly #office: Office;
  readonly #eventId: number;
  readonly #seats: number[];
  #at = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(office: Office, eventId: number, seats: number[]) {
    this.#office = office;
    this.#eventId = eventId;
    this.#seats = seats;
  }

  begin(changesPerSecond: number): void {
    const holdsPerSecond = changesPerSecond / 2;
    const since = performance.now();
    let asked = 0;
    this.#timer = setInterval(() => {
      const due = ((performance.now() - since) / 1000) * holdsPerSecond;
      for (; asked + GROUP <= due; asked += GROUP) void this.#hold();
    }, 20);
  }

  end(): void {
    clearInterval(this.#timer);
  }

  async #hold(): Promise<void> {
    const seatIds: number[] = [];
    // In strides, so that the changes are all over the hall.
    for (let i = 0; i < GROUP; ++i) {
      this.#at = (this.#at + 37) % this.#seats.length;
      const id = this.#seats[this.#at];
      if (id !== undefined && !seatIds.includes(id)) seatIds.push(id);
    }
    const answer = await fetch(`${this.#office.url}/ticketing/reservation/api/reservations`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ eventId: this.#eventId, seatIds, holdSeconds: 5 }),
    }).catch(() => undefined);
    await answer?.arrayBuffer().catch(() => undefined);
    if (answer?.status === 201) this.held += seatIds.length;
    else this.refused += seatIds.length;
  }
}
