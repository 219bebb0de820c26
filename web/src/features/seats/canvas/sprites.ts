// How a seat looks. Each tier has a shape, each state a sign: nothing is told by colour alone.
//
//   available  its tier's shape, filled, with its number      held     outlined, lower half filled
//   dimmed     a small outline (not in the price filter)      sold     pale, with a cross
//   mine       filled dark with a tick (dots while asking)    blocked  a dash

import type { Palette, TierShape } from './palette';
import type { Context } from './surface';

export type Look =
  | 'available'
  | 'dimmed'
  | 'held'
  | 'sold'
  | 'blocked'
  | 'mineHolding'
  | 'mineHeld'
  | 'mineOrdered';

export function isMine(look: Look): boolean {
  return look === 'mineHolding' || look === 'mineHeld' || look === 'mineOrdered';
}

// Around 0, within a disc of `radius`.
export function seatPath(context: Context, shape: TierShape, radius: number): void {
  context.beginPath();
  switch (shape) {
    case 'circle':
      context.arc(0, 0, radius * 0.96, 0, Math.PI * 2);
      break;
    case 'hexagon':
      for (let i = 0; i < 6; ++i) {
        const angle = (Math.PI / 3) * i;
        context.lineTo(Math.cos(angle) * radius, Math.sin(angle) * radius);
      }
      context.closePath();
      break;
    case 'arch': {
      const side = radius * 0.8;
      context.roundRect(-side, -side, side * 2, side * 1.85, [side, side, side * 0.2, side * 0.2]);
      break;
    }
    case 'diamond': {
      const cut = radius * 0.42;
      const side = radius * 0.88;
      context.moveTo(-side + cut, -side);
      context.lineTo(side - cut, -side);
      context.lineTo(side, -side + cut);
      context.lineTo(side, side - cut);
      context.lineTo(side - cut, side);
      context.lineTo(-side + cut, side);
      context.lineTo(-side, side - cut);
      context.lineTo(-side, -side + cut);
      context.closePath();
      break;
    }
    case 'chair': {
      const side = radius * 0.86;
      context.roundRect(-side, -side, side * 2, side * 2, side * 0.42);
      break;
    }
  }
}

export function wheelchairSign(context: Context, radius: number, ink: string): void {
  context.save();
  const s = radius / 10;
  context.scale(s, s);
  context.strokeStyle = ink;
  context.fillStyle = ink;
  context.lineWidth = 1.5;
  context.beginPath();
  context.arc(-0.6, -6.2, 1.3, 0, Math.PI * 2);
  context.fill();
  context.beginPath();
  context.arc(-1, 2, 4, -1.9, 2.4);
  context.moveTo(-0.6, -4);
  context.lineTo(-0.6, 0.8);
  context.lineTo(3.2, 0.8);
  context.lineTo(5, 5);
  context.moveTo(-0.6, -1.8);
  context.lineTo(2.8, -1.8);
  context.stroke();
  context.restore();
}

function cross(context: Context, reach: number): void {
  context.beginPath();
  context.moveTo(-reach, -reach);
  context.lineTo(reach, reach);
  context.moveTo(reach, -reach);
  context.lineTo(-reach, reach);
  context.stroke();
}

function mine(context: Context, look: Look, radius: number, palette: Palette): void {
  context.beginPath();
  context.arc(0, 0, radius, 0, Math.PI * 2);
  context.fillStyle = palette.mine;
  context.fill();
  context.strokeStyle = palette.mineInk;
  context.fillStyle = palette.mineInk;
  context.lineWidth = Math.max(1.2, radius * 0.2);
  if (look === 'mineHolding') {
    for (const at of [-0.45, 0, 0.45]) {
      context.beginPath();
      context.arc(at * radius, 0, Math.max(0.8, radius * 0.13), 0, Math.PI * 2);
      context.fill();
    }
    return;
  }
  context.beginPath();
  context.moveTo(-radius * 0.42, 0);
  context.lineTo(-radius * 0.1, radius * 0.34);
  context.lineTo(radius * 0.46, -radius * 0.34);
  context.stroke();
  if (look === 'mineOrdered') {
    context.lineWidth = Math.max(1, radius * 0.1);
    context.beginPath();
    context.arc(0, 0, radius * 0.8, 0, Math.PI * 2);
    context.stroke();
  }
}

export interface TierInk {
  readonly color: string;
  readonly ink: string;
  readonly shape: TierShape;
}

export function drawLook(
  context: Context,
  look: Look,
  tier: TierInk | undefined,
  radius: number,
  wheelchair: boolean,
  palette: Palette,
): void {
  context.lineJoin = 'round';
  context.lineCap = 'round';
  switch (look) {
    case 'available':
      seatPath(context, tier?.shape ?? 'chair', radius);
      context.fillStyle = tier?.color ?? palette.taken;
      context.fill();
      if (wheelchair) wheelchairSign(context, radius, tier?.ink ?? palette.text);
      return;
    case 'dimmed':
      seatPath(context, 'chair', radius * 0.8);
      context.strokeStyle = palette.dimmed;
      context.lineWidth = Math.max(1, radius * 0.1);
      context.stroke();
      return;
    case 'held': {
      const line = Math.max(1, radius * 0.14);
      seatPath(context, 'chair', radius - line);
      context.fillStyle = palette.takenFill;
      context.fill();
      context.save();
      context.clip();
      context.fillStyle = palette.taken;
      context.fillRect(-radius, 0, radius * 2, radius);
      context.restore();
      context.strokeStyle = palette.taken;
      context.lineWidth = line;
      context.stroke();
      return;
    }
    case 'sold':
      seatPath(context, 'chair', radius * 0.8);
      context.fillStyle = palette.takenFill;
      context.fill();
      context.strokeStyle = palette.taken;
      context.lineWidth = Math.max(1, radius * 0.15);
      cross(context, radius * 0.3);
      return;
    case 'blocked':
      context.strokeStyle = palette.dimmed;
      context.lineWidth = Math.max(1, radius * 0.2);
      context.beginPath();
      context.moveTo(-radius * 0.4, 0);
      context.lineTo(radius * 0.4, 0);
      context.stroke();
      return;
    case 'mineHolding':
    case 'mineHeld':
    case 'mineOrdered':
      mine(context, look, radius, palette);
  }
}
