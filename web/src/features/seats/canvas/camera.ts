// Where the hall stands on the screen: x' = x·k + tx. Pure; d3-zoom owns the gesture, this owns what
// is allowed.

import type { Box } from '../model/plan';

export interface Camera {
  readonly x: number;
  readonly y: number;
  readonly k: number;
}
export interface Size {
  readonly width: number;
  readonly height: number;
}

// `foot`: what the controls take of the view's lower edge.
export function fitted(box: Box, view: Size, margin: number, foot = 0): Camera {
  const width = Math.max(1e-6, box.x1 - box.x0);
  const height = Math.max(1e-6, box.y1 - box.y0);
  const inner = (length: number) => Math.max(32, length - 2 * Math.min(margin, length / 8));
  const free = { width: view.width, height: view.height - Math.min(foot, view.height / 4) };
  const k = Math.min(inner(free.width) / width, inner(free.height) / height);
  return centred((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2, k, free);
}

export function centred(x: number, y: number, k: number, view: Size): Camera {
  return { k, x: view.width / 2 - x * k, y: view.height / 2 - y * k };
}

// Keeps the hall in sight: along each axis, a hall that fits stays centred, a larger one may leave no
// more than `slack` of the view empty.
export function held(camera: Camera, box: Box, view: Size, foot = 0, slack = 0.45): Camera {
  const along = (at: number, low: number, high: number, length: number) => {
    const from = at + low * camera.k;
    const to = at + high * camera.k;
    const size = to - from;
    if (size <= length * (1 - slack)) return at + (length - size) / 2 - from;
    const room = length * slack;
    if (from > room) return at - (from - room);
    if (to < length - room) return at + (length - room - to);
    return at;
  };
  return {
    k: camera.k,
    x: along(camera.x, box.x0, box.x1, view.width),
    y: along(camera.y, box.y0, box.y1, view.height - Math.min(foot, view.height / 4)),
  };
}

// The scale at which a seat is so many pixels from its neighbour.
export function scaleForPitch(pitch: number, pixels: number): number {
  return pixels / Math.max(1e-9, pitch);
}

// How to show one block: whole if its seats are then large enough to tap, else as much of it around
// the wanted point as fits with seats of that size.
export function onBlock(
  box: Box,
  pitch: number,
  view: Size,
  wanted: { x: number; y: number } | undefined,
  pixels: { least: number; most: number },
): Camera {
  const padded = { x0: box.x0 - pitch, y0: box.y0 - pitch, x1: box.x1 + pitch, y1: box.y1 + pitch };
  const whole = fitted(padded, view, 24);
  const k = Math.min(
    scaleForPitch(pitch, pixels.most),
    Math.max(scaleForPitch(pitch, pixels.least), whole.k),
  );
  const centre = { x: (box.x0 + box.x1) / 2, y: (box.y0 + box.y1) / 2 };
  if (k <= whole.k) return centred(centre.x, centre.y, k, view);
  const along = (low: number, high: number, at: number, length: number) => {
    const half = length / 2 / k;
    if (high - low <= 2 * half) return (low + high) / 2;
    return Math.min(high - half, Math.max(low + half, at));
  };
  const at = wanted ?? centre;
  return centred(
    along(padded.x0, padded.x1, at.x, view.width),
    along(padded.y0, padded.y1, at.y, view.height),
    k,
    view,
  );
}

// The straight way between two cameras, eased; the middle of the view moves, not the corner.
export function between(a: Camera, b: Camera, view: Size, share: number): Camera {
  const eased = share < 0.5 ? 4 * share ** 3 : 1 - (-2 * share + 2) ** 3 / 2;
  const k = a.k * (b.k / a.k) ** eased;
  const middle = (camera: Camera) => ({
    x: (view.width / 2 - camera.x) / camera.k,
    y: (view.height / 2 - camera.y) / camera.k,
  });
  const from = middle(a);
  const to = middle(b);
  // While the scale grows, the point that matters must move as fast as the scale lets it.
  const way = Math.abs(b.k - a.k) < 1e-9 * a.k ? eased : (1 / a.k - 1 / k) / (1 / a.k - 1 / b.k);
  return centred(from.x + (to.x - from.x) * way, from.y + (to.y - from.y) * way, k, view);
}
