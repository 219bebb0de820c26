/**
 * Pictures of the page, held against those in e2e/looks. A quarter of the size, a little tolerance: fonts are drawn a
 * little differently from one machine to the next, a broken layout is not a little different. ONSALE_LOOKS=write
 * keeps the pictures of this run instead; ONSALE_LOOKS=show writes all of them to e2e/out and judges none.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

const KEPT = join(import.meta.dirname, 'looks');
const OUT = join(import.meta.dirname, 'out');
const WRITE = process.env.ONSALE_LOOKS === 'write';
const SHOW = process.env.ONSALE_LOOKS === 'show';
/** Of the pixels of the small pictures, so many may differ by more than a shade. */
const DIFFERENT_MAX = 0.02;

/** The share of pixels that differ, both pictures drawn at a quarter of their size; 1 when their shapes differ. */
async function difference(page: Page, one: Buffer, other: Buffer): Promise<number> {
  return page.evaluate(
    async ([a, b]) => {
      const small = async (base64: string) => {
        const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
        const picture = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
        const canvas = new OffscreenCanvas(Math.round(picture.width / 4), Math.round(picture.height / 4));
        const context = canvas.getContext('2d');
        if (!context) throw new Error('no canvas');
        context.imageSmoothingQuality = 'high';
        context.drawImage(picture, 0, 0, canvas.width, canvas.height);
        return context.getImageData(0, 0, canvas.width, canvas.height);
      };
      const [first, second] = [await small(a), await small(b)];
      if (first.width !== second.width || first.height !== second.height) return 1;
      let different = 0;
      for (let i = 0; i < first.data.length; i += 4) {
        const by = [0, 1, 2].map((c) => Math.abs((first.data[i + c] ?? 0) - (second.data[i + c] ?? 0)));
        if (Math.max(...by) > 40) different += 1;
      }
      return (different * 4) / first.data.length;
    },
    [one.toString('base64'), other.toString('base64')] as const,
  );
}

/** Looks at the page as it is now. What changes with the day is covered: dates, times left, the codes. */
export async function looks(page: Page, name: string): Promise<void> {
  await page.waitForTimeout(300);
  await page.mouse.move(0, 0);
  const picture = await page.screenshot({
    animations: 'disabled',
    mask: [
      page.locator('time, [role="timer"]'),
      page.getByRole('img', { name: /QR/ }),
      page.locator('article .break-all'),
      page.locator('.hall-page header p'),
      page.getByRole('dialog').locator('p.text-sm'),
    ],
  });
  if (SHOW) {
    mkdirSync(OUT, { recursive: true });
    writeFileSync(join(OUT, `${name}.png`), picture);
    return;
  }
  const kept = join(KEPT, `${name}.png`);
  if (WRITE || !existsSync(kept)) {
    assert(WRITE, `${name}: no picture is kept; ONSALE_LOOKS=write keeps one`);
    mkdirSync(KEPT, { recursive: true });
    writeFileSync(kept, picture);
    return;
  }
  const share = await difference(page, picture, readFileSync(kept));
  if (share <= DIFFERENT_MAX) return;
  mkdirSync(OUT, { recursive: true });
  writeFileSync(join(OUT, `${name}.png`), picture);
  assert.fail(`${name} looks different: ${(100 * share).toFixed(1)} % (now: web/e2e/out/${name}.png)`);
}
