/**
 * How smooth the plan of a hall is: frame times, long tasks and the main thread's load while panning and zooming on a
 * phone-sized screen with the CPU slowed down fourfold and 500 seats changing a second, on the real office.
 *
 *   tools/web node bench/hall.ts [--json FILE] [--seats 1500,50000] [--seconds 5] [--changes 500] [--slow 4]
 *                                [--memory-seconds 60]
 *
 * ONSALE_BIN names the program; ONSALE_DIST=dist shows that folder instead of the page that the program carries.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { type CDPSession, chromium, type Page } from 'playwright-core';
import { Office } from '../e2e/office.ts';
import { showDist } from '../e2e/people.ts';
import { Crowd } from './crowd.ts';
import { hallOf } from './halls.ts';

const { values: options } = parseArgs({
  options: {
    json: { type: 'string' },
    seats: { type: 'string', default: '1500,20000,50000,80000' },
    seconds: { type: 'string', default: '5' },
    changes: { type: 'string', default: '500' },
    slow: { type: 'string', default: '4' },
    'memory-seconds': { type: 'string', default: '60' },
  },
});
const SECONDS = Number(options.seconds);
const CHANGES = Number(options.changes);
const SLOW = Number(options.slow);
const MEMORY_SECONDS = Number(options['memory-seconds']);
/** For the hour of changes in a minute. */
const MEMORY_CHANGES = 4000;
/** A frame that took longer missed its turn on a screen of 60 a second. */
const FRAME_MS = 17.5;
const LONG_TASK_MS = 50;

const BINARY = resolve(import.meta.dirname, '../..', process.env.ONSALE_BIN ?? 'build/release/onsale');
process.env.ONSALE_BIN = BINARY;

interface Phase {
  name: string;
  frames: number;
  p50: number;
  p95: number;
  p99: number;
  onTime: number;
  longTasks: number;
  longestMs: number;
  busy: number;
}
interface Row {
  seats: number;
  readyMs: number;
  changesPerSecond: number;
  phases: Phase[];
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
): Promise<Phase> {
  process.stderr.write(`hall bench: ${name}\n`);
  const busy = await taskSeconds(cdp);
  const { frames, tasks, wall } = await page.evaluate(act, [kind, SECONDS, LONG_TASK_MS] as const as never);
  const sorted = [...frames].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return {
    name,
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

async function importHall(office: Office, seats: number): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'onsale-bench-'));
  const file = join(folder, 'hall.json');
  await writeFile(file, JSON.stringify(hallOf(seats)));
  await promisify(execFile)(BINARY, [
    'import',
    ...['--data-dir', join(office.folder, 'data'), '--default-price', '50000', file],
  ]);
  await rm(folder, { recursive: true });
  const answer = await fetch(`${office.url}/ticketing/catalog/api/events`);
  const events = (await answer.json()) as { id: number; seatCount: number }[];
  return events.findLast((event) => event.seatCount === seats)?.id ?? 0;
}

async function seatIds(office: Office, eventId: number): Promise<number[]> {
  const answer = await fetch(`${office.url}/ticketing/catalog/api/events/${eventId}/seats`);
  return ((await answer.json()) as { seats: { id: number }[] }).seats.map((seat) => seat.id);
}

async function heapMegabytes(cdp: CDPSession): Promise<number> {
  for (let i = 0; i < 3; ++i) await cdp.send('HeapProfiler.collectGarbage');
  const { metrics } = await cdp.send('Performance.getMetrics');
  return (metrics.find((metric) => metric.name === 'JSHeapUsedSize')?.value ?? 0) / 2 ** 20;
}

const office = await Office.start({ 'limits.seats_per_buyer': 16 });
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
  ],
});
const rows: Row[] = [];
let memory: { changes: number; beforeMb: number; afterMb: number } | undefined;

try {
  const sizes = (options.seats ?? '').split(',').map(Number);
  for (const [i, seats] of sizes.entries()) {
    process.stderr.write(`hall bench: a hall of ${seats} seats\n`);
    const eventId = await importHall(office, seats);
    const ids = await seatIds(office, eventId);
    const context = await browser.newContext({
      viewport: { width: 390, height: 844 },
      deviceScaleFactor: 2,
      isMobile: true,
      baseURL: office.url,
      locale: 'en-US',
    });
    if (process.env.ONSALE_DIST) await showDist(context, process.env.ONSALE_DIST);
    const page = await context.newPage();
    page.on('pageerror', (error) => {
      throw error;
    });
    const cdp = await context.newCDPSession(page);
    await cdp.send('Performance.enable');
    await cdp.send('Emulation.setCPUThrottlingRate', { rate: SLOW });
    const since = performance.now();
    await page.goto(`/events/${eventId}`);
    await page.locator('.touch-none canvas').first().waitFor({ timeout: 120_000 });
    const readyMs = performance.now() - since;

    const crowd = new Crowd(office, eventId, ids);
    crowd.begin(CHANGES);
    await page.waitForTimeout(7000); // until what is held lapses as fast as it is held
    const heldBefore = crowd.held;
    const crowdSince = performance.now();
    const phases: Phase[] = [await measure(page, cdp, 'whole hall, at rest', 'rest')];
    phases.push(await measure(page, cdp, 'zooming', 'zoom'));
    // One tap on a block: its seats with their numbers.
    await page.getByRole('button', { name: 'Whole hall' }).click();
    await page.waitForTimeout(800);
    await page.getByRole('combobox').selectOption('0');
    await page.waitForTimeout(1500);
    phases.push(await measure(page, cdp, 'seats, at rest', 'rest'));
    phases.push(await measure(page, cdp, 'seats, panning', 'pan'));
    for (let out = 0; out < 3; ++out) await page.getByRole('button', { name: 'Zoom out' }).click();
    await page.waitForTimeout(1200);
    phases.push(await measure(page, cdp, 'rows, panning', 'pan'));
    const changesPerSecond = ((crowd.held - heldBefore) * 2) / ((performance.now() - crowdSince) / 1000);
    crowd.end();
    rows.push({ seats, readyMs, changesPerSecond, phases });

    if (MEMORY_SECONDS > 0 && i === sizes.length - 1) {
      await cdp.send('Emulation.setCPUThrottlingRate', { rate: 1 });
      const rush = new Crowd(office, eventId, ids);
      rush.begin(MEMORY_CHANGES);
      await page.waitForTimeout(8000); // what is made once is made now
      const beforeMb = await heapMegabytes(cdp);
      const heldThen = rush.held;
      await page.waitForTimeout(MEMORY_SECONDS * 1000);
      const changes = (rush.held - heldThen) * 2;
      rush.end();
      memory = { changes, beforeMb, afterMb: await heapMegabytes(cdp) };
    }
    await context.close();
  }
} finally {
  await browser.close();
  await office.stop();
}

const fixed = (value: number, digits = 1) => value.toFixed(digits);
console.log(
  `Plan of the hall: 390×844 at 2×, CPU slowed ${SLOW}×, ${cpus().length} cores, Chromium without a GPU; times in ms`,
);
console.log(
  '| seats | changes/s | what | frames/s | p50 | p95 | p99 | on time | long tasks | longest | busy |',
);
console.log('| ---: | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |');
for (const row of rows) {
  for (const phase of row.phases) {
    console.log(
      `| ${[
        row.seats,
        fixed(row.changesPerSecond, 0),
        phase.name,
        fixed(phase.frames / SECONDS, 0),
        fixed(phase.p50),
        fixed(phase.p95),
        fixed(phase.p99),
        `${fixed(phase.onTime * 100, 0)} %`,
        phase.longTasks,
        fixed(phase.longestMs, 0),
        `${fixed(phase.busy * 100, 0)} %`,
      ].join(' | ')} |`,
    );
  }
}
for (const row of rows)
  console.log(`${row.seats} seats: plan on the screen after ${fixed(row.readyMs, 0)} ms`);
if (memory) {
  const hours = memory.changes / CHANGES / 3600;
  console.log(
    `heap after ${memory.changes} changes (${fixed(hours, 2)} h at ${CHANGES}/s): ${fixed(memory.beforeMb)} → ${fixed(memory.afterMb)} MiB`,
  );
}
if (options.json)
  await writeFile(options.json, `${JSON.stringify({ slow: SLOW, rows, memory }, undefined, 2)}\n`);
