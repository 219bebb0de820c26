/**
 * How smooth the plan of a hall is: frame times, long tasks and the main thread's load while a finger pans and zooms
 * on a phone-sized screen with a slowed processor and seats changing all the time.
 */
import type { CDPSession, Page } from 'playwright-core';
import { Crowd } from './crowd.ts';
import { type Stage, say } from './stage.ts';

/** A frame that took longer missed its turn on a screen of 60 a second. */
const FRAME_MS = 17.5;
const LONG_TASK_MS = 50;
/** Until what is held lapses as fast as it is held. */
const CROWD_COMES_MS = 7000;

export interface Phase {
  name: string;
  seconds: number;
  frames: number;
  p50: number;
  p95: number;
  p99: number;
  onTime: number;
  longTasks: number;
  longestMs: number;
  busy: number;
}
export interface Row {
  seats: number;
  changesPerSecond: number;
  phases: Phase[];
}
export interface Pace {
  seconds: number;
  changesPerSecond: number;
  slow: number;
}

/** Runs in the page: a finger that goes round and round, or a wheel that goes in and out, once a frame. */
async function act([kind, seconds, longMs]: ['rest' | 'pan' | 'zoom', number, number]) {
  const plan = document.querySelector<HTMLElement>('.touch-none');
  if (!plan) throw new Error('there is no plan');
  const box = plan.getBoundingClientRect();
  const middle = { x: box.left + box.width / 2, y: box.top + box.height / 2 };
  const tasks: number[] = [];
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (entry.duration >= longMs) tasks.push(entry.duration);
  });
  observer.observe({ type: 'longtask' });
  const frames: number[] = [];
  const mouse = (type: string, x: number, y: number) =>
    new MouseEvent(type, {
      clientX: x,
      clientY: y,
      button: 0,
      bubbles: true,
      cancelable: true,
      view: window,
    });
  if (kind === 'pan') plan.dispatchEvent(mouse('mousedown', middle.x, middle.y));
  const since = performance.now();
  let before = since;
  await new Promise<void>((done) => {
    const step = (now: number) => {
      if (now > since) frames.push(now - before);
      before = now;
      const t = (now - since) / 1000;
      if (t >= seconds) return done();
      if (kind === 'pan') {
        const x = middle.x + Math.sin(t * 1.7) * box.width * 1.2;
        const y = middle.y + Math.sin(t * 1.1) * box.height * 0.9;
        window.dispatchEvent(mouse('mousemove', x, y));
      } else if (kind === 'zoom') {
        const deltaY = -28 * Math.cos(t * 2);
        plan.dispatchEvent(
          new WheelEvent('wheel', {
            deltaY,
            clientX: middle.x,
            clientY: middle.y,
            bubbles: true,
            cancelable: true,
          }),
        );
      }
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  });
  if (kind === 'pan') window.dispatchEvent(mouse('mouseup', middle.x, middle.y));
  observer.disconnect();
  return { frames: frames.slice(1), tasks, wall: performance.now() - since };
}

async function taskSeconds(cdp: CDPSession): Promise<number> {
  const { metrics } = await cdp.send('Performance.getMetrics');
  return metrics.find((metric) => metric.name === 'TaskDuration')?.value ?? 0;
}

async function measure(
  page: Page,
  cdp: CDPSession,
  name: string,
  kind: 'rest' | 'pan' | 'zoom',
  seconds: number,
): Promise<Phase> {
  say(name);
  const busy = await taskSeconds(cdp);
  const { frames, tasks, wall } = await page.evaluate(act, [kind, seconds, LONG_TASK_MS] as const as never);
  const sorted = [...frames].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return {
    name,
    seconds,
    frames: frames.length,
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
    onTime: sorted.filter((frame) => frame <= FRAME_MS).length / Math.max(1, sorted.length),
    longTasks: tasks.length,
    longestMs: Math.max(0, ...tasks),
    busy: ((await taskSeconds(cdp)) - busy) / (wall / 1000),
  };
}

export async function measureFrames(stage: Stage, sizes: number[], pace: Pace): Promise<Row[]> {
  const rows: Row[] = [];
  for (const seats of sizes) {
    say(`a hall of ${seats} seats`);
    const eventId = await stage.hall(seats);
    const { context, page, cdp } = await stage.phone(pace.slow);
    await page.goto(`/events/${eventId}`);
    await page.locator('.touch-none canvas').first().waitFor({ timeout: 120_000 });
    const crowd = new Crowd(stage.office, eventId, await stage.seatIds(eventId));
    crowd.begin(pace.changesPerSecond);
    await page.waitForTimeout(CROWD_COMES_MS);
    const heldBefore = crowd.held;
    const since = performance.now();
    const phase = (name: string, kind: 'rest' | 'pan' | 'zoom') =>
      measure(page, cdp, name, kind, pace.seconds);
    const phases = [await phase('whole hall, at rest', 'rest'), await phase('zooming', 'zoom')];
    // One tap on a block: its seats with their numbers.
    await page.getByRole('button', { name: 'Whole hall' }).click();
    await page.waitForTimeout(800);
    await page.getByRole('combobox').selectOption('0');
    await page.waitForTimeout(1500);
    phases.push(await phase('seats, at rest', 'rest'), await phase('seats, panning', 'pan'));
    for (let out = 0; out < 3; ++out) await page.getByRole('button', { name: 'Zoom out' }).click();
    await page.waitForTimeout(1200);
    phases.push(await phase('rows, panning', 'pan'));
    const changesPerSecond = ((crowd.held - heldBefore) * 2) / ((performance.now() - since) / 1000);
    crowd.end();
    rows.push({ seats, changesPerSecond, phases });
    await context.close();
  }
  return rows;
}
