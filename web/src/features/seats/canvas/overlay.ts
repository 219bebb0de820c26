// What moves above the pictures: the ring around the seat under the pointer or the focus, pins on my
// seats, flashes where somebody took one. A few elements that the compositor moves and fades by itself;
// no frame of script, however many seats change.

import type { Camera } from './camera';

const FLASHES_MAX = 6;
const FLASH_MS = 900;

interface Pinned {
  readonly element: HTMLElement;
  x: number;
  y: number;
  radius: number; // in the hall's units; 0: a fixed size
  fading?: boolean;
}

export class Overlay {
  private readonly host: HTMLElement;
  private readonly rings = new Map<string, Pinned>();
  private readonly pins = new Map<number, Pinned>();
  private readonly flashes: Pinned[] = [];
  private nextFlash = 0;
  private camera: Camera = { x: 0, y: 0, k: 1 };
  private readonly calm: () => boolean;

  constructor(parent: HTMLElement, calm: () => boolean) {
    this.calm = calm;
    this.host = document.createElement('div');
    this.host.className = 'pointer-events-none absolute left-0 top-0 will-change-transform';
    parent.append(this.host);
  }

  move(camera: Camera): void {
    const scaled = camera.k !== this.camera.k;
    this.camera = camera;
    this.host.style.transform = `translate(${camera.x}px,${camera.y}px)`;
    if (!scaled) return;
    for (const each of this.rings.values()) this.place(each);
    for (const each of this.pins.values()) this.place(each);
    for (const each of this.flashes) each.element.style.display = 'none';
  }

  private place({ element, x, y, radius }: Pinned): void {
    const { k } = this.camera;
    const size = Math.max(12, radius * k * 2 + 8);
    if (radius > 0) {
      element.style.width = `${size}px`;
      element.style.height = `${size}px`;
    }
    element.style.transform = `translate(${x * k}px,${y * k}px) translate(-50%,${radius > 0 ? '-50%' : '-100%'})`;
  }

  ring(kind: 'hover' | 'focus', at: { x: number; y: number; radius: number } | undefined): void {
    let ring = this.rings.get(kind);
    if (!at) {
      if (ring) ring.element.style.display = 'none';
      return;
    }
    if (!ring) {
      const element = document.createElement('div');
      element.className = `seat-ring seat-ring-${kind}`;
      this.host.append(element);
      ring = { element, ...at };
      this.rings.set(kind, ring);
    }
    ring.x = at.x;
    ring.y = at.y;
    ring.radius = at.radius;
    ring.element.style.display = '';
    this.place(ring);
  }

  // One pin for each of my seats, so that they are found at any scale.
  pin(seats: readonly { place: number; x: number; y: number; kind: string }[]): void {
    const kept = new Set(seats.map((seat) => seat.place));
    for (const [place, pin] of this.pins) {
      if (kept.has(place)) continue;
      pin.element.remove();
      this.pins.delete(place);
    }
    for (const { place, x, y, kind } of seats) {
      let pin = this.pins.get(place);
      if (!pin) {
        const element = document.createElement('div');
        pin = { element, x, y, radius: 0 };
        this.pins.set(place, pin);
        this.host.append(element);
      }
      pin.element.className = `seat-pin seat-pin-${kind}`;
      this.place(pin);
    }
  }

  showPins(shown: boolean): void {
    for (const pin of this.pins.values()) pin.element.style.display = shown ? '' : 'none';
  }

  // When so many are fading already, one more would only cost: nobody counts them.
  flash(x: number, y: number, radius: number): void {
    let flash = this.flashes[this.nextFlash];
    if (flash?.fading) return;
    if (!flash) {
      const element = document.createElement('div');
      element.className = 'seat-flash';
      this.host.append(element);
      flash = { element, x, y, radius };
      this.flashes[this.nextFlash] = flash;
    }
    this.nextFlash = (this.nextFlash + 1) % FLASHES_MAX;
    flash.x = x;
    flash.y = y;
    flash.radius = radius;
    const { element } = flash;
    element.style.display = '';
    this.place(flash);
    if (typeof element.animate !== 'function') return;
    const frames = this.calm()
      ? [{ opacity: 0.8 }, { opacity: 0 }]
      : [
          { opacity: 0.9, scale: 0.6 },
          { opacity: 0.6, scale: 1.25, offset: 0.35 },
          { opacity: 0, scale: 1.9 },
        ];
    const fade = element.animate(frames, { duration: FLASH_MS, easing: 'ease-out' });
    const faded = flash;
    faded.fading = true;
    fade.onfinish = () => {
      faded.fading = false;
    };
  }

  destroy(): void {
    this.host.remove();
  }
}
