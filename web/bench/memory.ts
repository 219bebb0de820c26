/**
 * What an hour of live changes leaves behind: as many changes as an hour has at 500 a second, in less time, to a page
 * that shows the seats of a block; its heap after forced collections before and afterwards.
 */
import type { CDPSession } from 'playwright-core';
import { Crowd } from './crowd.ts';
import { type Stage, say } from './stage.ts';

const RUSH_PER_SECOND = 12_000;
/** What is made once is made now. */
const WARM_UP_MS = 8000;

export interface Memory {
  seats: number;
  changes: number;
  seconds: number;
  beforeMb: number;
  afterMb: number;
}

async function heapMegabytes(cdp: CDPSession): Promise<number> {
  for (let i = 0; i < 3; ++i) await cdp.send('HeapProfiler.collectGarbage');
  const { metrics } = await cdp.send('Performance.getMetrics');
  return (metrics.find((metric) => metric.name === 'JSHeapUsedSize')?.value ?? 0) / 2 ** 20;
}

export async function measureMemory(stage: Stage, seats: number, changes: number): Promise<Memory> {
  const eventId = await stage.hall(seats);
  const { context, page, cdp } = await stage.phone(1);
  await page.goto(`/events/${eventId}`);
  await page.locator('.touch-none canvas').first().waitFor({ timeout: 60_000 });
  await page.getByRole('combobox').selectOption('0');
  const rush = new Crowd(stage.office, eventId, await stage.seatIds(eventId));
  rush.begin(RUSH_PER_SECOND);
  await page.waitForTimeout(WARM_UP_MS);
  const beforeMb = await heapMegabytes(cdp);
  const since = performance.now();
  const heldThen = rush.held;
  const made = () => (rush.held - heldThen) * 2;
  let said = 0;
  while (made() < changes) {
    await page.waitForTimeout(500);
    if (performance.now() - since < said) continue;
    say(`${made()} of ${changes} changes`);
    said += 20_000;
  }
  rush.end();
  const seconds = (performance.now() - since) / 1000;
  const afterMb = await heapMegabytes(cdp);
  const told = { seats, changes: made(), seconds, beforeMb, afterMb };
  await context.close();
  return told;
}
