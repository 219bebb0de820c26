import { useEffect, useRef } from 'react';
import { useTheme } from '@/lib/theme';
import { parseColor } from '../canvas/colors';
import { lookOfTier, paletteOf, readTokens } from '../canvas/palette';
import { drawLook, type Look } from '../canvas/sprites';
import type { HallPlan } from '../model/plan';

const SIZE = 20;

// A seat as the plan paints it: the same shape, the same colour, the same sign.
export function TierMark({ plan, tier, look = 'available' }: { plan: HallPlan; tier: number; look?: Look }) {
  const ref = useRef<HTMLCanvasElement>(null);
  const { theme } = useTheme();
  useEffect(() => {
    const canvas = ref.current;
    const context = canvas?.getContext('2d');
    if (!canvas || !context) return;
    const ratio = window.devicePixelRatio || 1;
    canvas.width = SIZE * ratio;
    canvas.height = SIZE * ratio;
    const dark = theme === 'dark';
    const palette = paletteOf({ ...plan, tiers: [] }, dark, readTokens(dark));
    const of = plan.tiers[tier];
    const surface = parseColor(readTokens(dark).surface) ?? [255, 255, 255];
    const told = of && lookOfTier(of, tier, plan.tiers.length, surface);
    context.setTransform(ratio, 0, 0, ratio, (SIZE * ratio) / 2, (SIZE * ratio) / 2);
    drawLook(context, look, told, SIZE / 2 - 1, false, palette);
  }, [plan, tier, look, theme]);
  return (
    <span aria-hidden="true" className="flex shrink-0">
      <canvas ref={ref} className="size-5" />
    </span>
  );
}
