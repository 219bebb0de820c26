import { useEffect, useRef } from 'react';
import { useTheme } from '@/lib/theme';
import { parseColor } from '../canvas/colors';
import { lookOfTier, paletteOf, readTokens } from '../canvas/palette';
import { drawLook, type Look } from '../canvas/sprites';
import { contextOf, handOver, makeSurface } from '../canvas/surface';
import type { HallPlan } from '../model/plan';

const SIZE = 20;

// A seat as the plan paints it: the same shape, the same colour, the same sign.
export function TierMark({ plan, tier, look = 'available' }: { plan: HallPlan; tier: number; look?: Look }) {
  const ref = useRef<HTMLCanvasElement>(null);
  const { theme } = useTheme();
  useEffect(() => {
    const canvas = ref.current;
    const ratio = window.devicePixelRatio || 1;
    const surface = makeSurface(Math.round(SIZE * ratio), Math.round(SIZE * ratio));
    const context = contextOf(surface, false);
    if (!canvas || !context) return;
    const dark = theme === 'dark';
    const tokens = readTokens(dark);
    const palette = paletteOf({ ...plan, tiers: [] }, dark, tokens);
    const of = plan.tiers[tier];
    const paper = parseColor(tokens.surface) ?? [255, 255, 255];
    const told = of && lookOfTier(of, tier, plan.tiers.length, paper);
    context.setTransform(ratio, 0, 0, ratio, (SIZE * ratio) / 2, (SIZE * ratio) / 2);
    drawLook(context, look, told, SIZE / 2 - 1, false, palette);
    handOver(surface, canvas, false);
  }, [plan, tier, look, theme]);
  return (
    <span aria-hidden="true" className="flex shrink-0">
      <canvas ref={ref} className="size-5" />
    </span>
  );
}
