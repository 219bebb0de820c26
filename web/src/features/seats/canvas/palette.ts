// What the hall is painted with, in each theme. The canvas cannot read CSS variables as it paints, so
// they are read once, here, when the theme changes.

import type { HallPlan, Tier } from '../model/plan';
import {
  contrast,
  cssOf,
  distinct,
  FALLBACK_COLORS,
  inkOn,
  mix,
  parseColor,
  type Rgb,
  WHITE,
} from './colors';

export type TierShape = 'chair' | 'circle' | 'hexagon' | 'arch' | 'diamond';

export interface TierLook {
  readonly color: string;
  readonly rgb: Rgb;
  readonly ink: string;
  readonly shape: TierShape;
}

export interface Palette {
  readonly dark: boolean;
  readonly paper: Rgb;
  readonly panel: Rgb;
  readonly panelLine: string;
  readonly text: string;
  readonly softText: string;
  readonly taken: string; // held, sold, blocked: their shapes tell them apart
  readonly takenFill: string;
  readonly dimmed: string;
  readonly mine: string;
  readonly mineInk: string;
  readonly font: string;
  readonly tiers: readonly TierLook[];
}

const SHAPES: readonly TierShape[] = ['chair', 'circle', 'hexagon', 'arch', 'diamond'];

export function lookOfTier(tier: Tier, position: number, tiers: number, panel: Rgb): TierLook {
  const fallback = FALLBACK_COLORS[position % FALLBACK_COLORS.length] ?? '#0072b2';
  const told = parseColor(tier.color) ?? parseColor(fallback) ?? [0, 114, 178];
  const seen = distinct(told, panel, 3);
  // Equal inks for almost equal colours: what nearly carries white is darkened until it does.
  const rgb = contrast(WHITE, seen) >= 3.2 ? deepened(seen, panel) : seen;
  return {
    rgb,
    color: cssOf(rgb),
    ink: cssOf(inkOn(rgb)),
    // Shapes help while there are few tiers; ten shapes would be noise.
    shape: (tiers <= SHAPES.length ? SHAPES[position] : undefined) ?? 'chair',
  };
}

// The tokens of the theme that the canvas needs, as they stand in the CSS.
export interface Tokens {
  readonly ground: string;
  readonly surface: string;
  readonly ink: string;
  readonly font: string;
}

export function readTokens(dark: boolean): Tokens {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string, otherwise: string) => style.getPropertyValue(name).trim() || otherwise;
  return {
    ground: token('--sunken', dark ? '#26212a' : '#f1ede9'),
    surface: token('--surface', dark ? '#1d1920' : '#ffffff'),
    ink: token('--ink', dark ? '#f5f1f4' : '#1d1820'),
    font: getComputedStyle(document.body).fontFamily || 'sans-serif',
  };
}

function deepened(color: Rgb, panel: Rgb): Rgb {
  const deeper = distinct(color, WHITE, 4.5);
  return contrast(deeper, panel) >= 3 ? deeper : color;
}

export function paletteOf(plan: HallPlan, dark: boolean, tokens: Tokens): Palette {
  const paper = parseColor(tokens.ground) ?? (dark ? [38, 33, 42] : [241, 237, 233]);
  const panel = parseColor(tokens.surface) ?? (dark ? [29, 25, 32] : [255, 255, 255]);
  const text = parseColor(tokens.ink) ?? (dark ? [245, 241, 244] : [29, 24, 32]);
  return {
    dark,
    paper,
    panel,
    panelLine: cssOf(mix(panel, text, 0.12)),
    text: cssOf(text),
    softText: cssOf(mix(panel, text, 0.68)),
    taken: cssOf(mix(panel, text, dark ? 0.42 : 0.4)),
    takenFill: cssOf(mix(panel, text, 0.1)),
    dimmed: cssOf(mix(panel, text, 0.2)),
    // Mine must stand out from whatever colours the tiers have: it is the only seat in ink.
    mine: cssOf(text),
    mineInk: cssOf(panel),
    font: tokens.font,
    tiers: plan.tiers.map((tier, position) => lookOfTier(tier, position, plan.tiers.length, panel)),
  };
}
