// The whole hall in a corner with the part that is seen; a tap or a drag goes there.

import type { Box } from '../model/plan';
import { fitted } from './camera';
import type { Painter, View } from './painter';

const WIDTH = 132;
const HEIGHT_MAX = 104;
const REPAINT_MS = 500;

export class Minimap {
  private readonly host: HTMLElement;
  private readonly painter: Painter;
  private readonly canvas: HTMLCanvasElement;
  private readonly frame: HTMLElement;
  private readonly view: View;
  private readonly abort = new AbortController();
  private stale = true;
  private paintedAt = -1e9;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private shown = false;

  constructor(host: HTMLElement, painter: Painter, ratio: number, go: (x: number, y: number) => void) {
    this.host = host;
    this.painter = painter;
    const { box } = painter.plan;
    const height = Math.min(
      HEIGHT_MAX,
      Math.max(44, (WIDTH * (box.y1 - box.y0)) / Math.max(1e-6, box.x1 - box.x0)),
    );
    const camera = fitted(box, { width: WIDTH, height }, 6);
    this.view = {
      k: camera.k,
      x0: -camera.x / camera.k,
      y0: -camera.y / camera.k,
      width: WIDTH,
      height,
    };
    this.canvas = document.createElement('canvas');
    this.canvas.width = Math.round(WIDTH * ratio);
    this.canvas.height = Math.round(height * ratio);
    this.canvas.style.width = `${WIDTH}px`;
    this.canvas.style.height = `${height}px`;
    this.canvas.className = 'block';
    this.frame = document.createElement('div');
    this.frame.className = 'minimap-frame';
    host.append(this.canvas, this.frame);
    host.hidden = true;

    const { signal } = this.abort;
    const move = (event: PointerEvent) => {
      const at = host.getBoundingClientRect();
      go(
        this.view.x0 + (event.clientX - at.left) / this.view.k,
        this.view.y0 + (event.clientY - at.top) / this.view.k,
      );
    };
    host.addEventListener(
      'pointerdown',
      (event) => {
        host.setPointerCapture(event.pointerId);
        move(event);
      },
      { signal },
    );
    host.addEventListener(
      'pointermove',
      (event) => {
        if (host.hasPointerCapture(event.pointerId)) move(event);
      },
      { signal },
    );
  }

  show(shown: boolean, seen: Box): void {
    if (shown !== this.shown) {
      this.shown = shown;
      this.host.hidden = !shown;
    }
    if (!shown) return;
    const { k, x0, y0, width, height } = this.view;
    const left = Math.max(0, (seen.x0 - x0) * k);
    const top = Math.max(0, (seen.y0 - y0) * k);
    const right = Math.min(width, (seen.x1 - x0) * k);
    const bottom = Math.min(height, (seen.y1 - y0) * k);
    // A size that is as it was by some 1e-9 would be laid out anew with every frame.
    this.frame.style.transform = `translate(${halves(left)}px,${halves(top)}px)`;
    this.frame.style.width = `${halves(Math.max(6, right - left))}px`;
    this.frame.style.height = `${halves(Math.max(6, bottom - top))}px`;
    if (this.stale) this.paint();
  }

  spoil(): void {
    this.stale = true;
    if (this.shown) this.paint();
  }

  // At most twice a second, however fast the hall changes.
  private paint(): void {
    const wait = this.paintedAt + REPAINT_MS - performance.now();
    if (wait > 0) {
      this.timer ??= setTimeout(() => {
        this.timer = undefined;
        this.paint();
      }, wait);
      return;
    }
    const context = this.canvas.getContext('2d', { alpha: false });
    if (!context) return;
    this.stale = false;
    this.paintedAt = performance.now();
    const work = this.painter.paint(context, this.view, 'blocks', false);
    while (!work.next().done); // in one go: it is small
  }

  destroy(): void {
    clearTimeout(this.timer);
    this.abort.abort();
    this.canvas.remove();
    this.frame.remove();
  }
}

function halves(pixels: number): number {
  return Math.round(pixels * 2) / 2;
}
