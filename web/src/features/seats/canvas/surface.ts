// What is painted on, out of sight, and the pictures on the page that show it.
//
// A canvas on the page that is painted on is copied for the compositor with every frame, changed or not,
// where there is no GPU, and each of them is painted while the frame waits. So nothing on the page is
// painted on: a picture takes over the finished pixels (`bitmaprenderer`), and costs nothing from then on.
// A browser that cannot hand pixels over copies them into an ordinary canvas.

export type Surface = OffscreenCanvas | HTMLCanvasElement;
export type Context = OffscreenCanvasRenderingContext2D | CanvasRenderingContext2D;

let handsOver: boolean | undefined;

function canHandOver(): boolean {
  handsOver ??=
    typeof OffscreenCanvas !== 'undefined' &&
    typeof ImageBitmapRenderingContext !== 'undefined' &&
    new OffscreenCanvas(1, 1).getContext('2d') !== null;
  return handsOver;
}

export function makeSurface(width: number, height: number): Surface {
  if (canHandOver()) return new OffscreenCanvas(width, height);
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  return canvas;
}

export function contextOf(surface: Surface, opaque: boolean): Context | null {
  const wish: CanvasRenderingContext2DSettings = { alpha: !opaque };
  if (surface instanceof HTMLCanvasElement) return surface.getContext('2d', wish);
  return surface.getContext('2d', wish);
}

// Shows what was painted. The surface may be painted on anew afterwards; what was on it is gone.
export function handOver(surface: Surface, shown: HTMLCanvasElement, opaque: boolean): void {
  if (shown.width !== surface.width) shown.width = surface.width;
  if (shown.height !== surface.height) shown.height = surface.height;
  if (surface instanceof HTMLCanvasElement) {
    const context = shown.getContext('2d', { alpha: !opaque });
    if (!opaque) context?.clearRect(0, 0, shown.width, shown.height);
    context?.drawImage(surface, 0, 0);
  } else {
    shown
      .getContext('bitmaprenderer', { alpha: !opaque })
      ?.transferFromImageBitmap(surface.transferToImageBitmap());
  }
}

// One picture on the page, in CSS pixels `side` wide and high.
export class Picture {
  readonly element: HTMLCanvasElement;

  constructor(side: number, pixels: number) {
    this.element = document.createElement('canvas');
    this.element.width = pixels;
    this.element.height = pixels;
    this.element.className = 'absolute left-0 top-0';
    this.element.style.width = `${side}px`;
    this.element.style.height = `${side}px`;
  }

  show(surface: Surface): void {
    handOver(surface, this.element, true);
  }

  destroy(): void {
    this.element.remove();
    this.element.width = this.element.height = 0; // Safari frees only what is empty
  }
}
