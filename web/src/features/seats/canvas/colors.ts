// Colours come from whoever drew the hall. They are moved, as little as needed, until they can be told
// from the paper in both themes (WCAG 1.4.11: 3:1), and numbers on them can be read (4.5:1).

export type Rgb = readonly [number, number, number];

export function parseColor(css: string): Rgb | undefined {
  const hex = /^#([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})$/i.exec(css.trim())?.[1];
  if (hex !== undefined) {
    const wide = hex.length <= 4 ? [...hex].map((digit) => digit + digit).join('') : hex;
    const value = Number.parseInt(wide.slice(0, 6), 16);
    return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
  }
  const parts = /^rgba?\(\s*([\d.]+)[\s,]+([\d.]+)[\s,]+([\d.]+)/i.exec(css.trim());
  if (!parts) return undefined;
  const channel = (text: string | undefined) => Math.min(255, Math.max(0, Math.round(Number(text))));
  return [channel(parts[1]), channel(parts[2]), channel(parts[3])];
}

export function cssOf([r, g, b]: Rgb): string {
  return `#${((1 << 24) | (r << 16) | (g << 8) | b).toString(16).slice(1)}`;
}

export function mix(a: Rgb, b: Rgb, share: number): Rgb {
  const channel = (i: 0 | 1 | 2) => Math.round(a[i] + (b[i] - a[i]) * share);
  return [channel(0), channel(1), channel(2)];
}

function luminance(color: Rgb): number {
  const [r, g, b] = color.map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * (r ?? 0) + 0.7152 * (g ?? 0) + 0.0722 * (b ?? 0);
}

export function contrast(a: Rgb, b: Rgb): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

export const WHITE: Rgb = [255, 255, 255];
const BLACK: Rgb = [17, 20, 26];

// `color`, or the nearest to it on the way to black or white that can be told from `against`.
export function distinct(color: Rgb, against: Rgb, least: number): Rgb {
  const target = contrast(WHITE, against) > contrast(BLACK, against) ? WHITE : BLACK;
  for (let share = 0; share < 1; share += 0.05) {
    const moved = mix(color, target, share);
    if (contrast(moved, against) >= least) return moved;
  }
  return target;
}

export function inkOn(color: Rgb): Rgb {
  return contrast(WHITE, color) >= contrast(BLACK, color) ? WHITE : BLACK;
}

// For tiers without a usable colour: told apart by most eyes (after Okabe and Ito).
export const FALLBACK_COLORS: readonly string[] = [
  '#0072b2',
  '#d55e00',
  '#009e73',
  '#cc79a7',
  '#56b4e9',
  '#e69f00',
];
