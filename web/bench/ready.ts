/**
 * How soon a first visit can be used: a phone with a processor four times slower than this machine, over a slow 4G,
 * with nothing in its cache.
 *
 * Ready is when what one came for is on the screen; interactive is when, that given, the last long task has ended
 * before a second and a half without one, and so a tap is answered at once.
 */
import type { Page } from 'playwright-core';
import { type Phone, type Stage, say } from './stage.ts';

export interface Network {
  rttMs: number;
  downKbps: number;
  upKbps: number;
}
/** As the page audits of the large browsers' makers have it. */
export const SLOW_4G: Network = { rttMs: 150, downKbps: 1600, upKbps: 750 };
const QUIET_MS = 1500;
const PATIENCE_MS = 60_000;

export interface Visit {
  paintMs: number;
  readyMs: number;
  interactiveMs: number;
  longestMs: number;
  kilobytes: number;
  requests: number;
}
export interface Visits {
  what: string;
  visits: Visit[];
}

interface Noted {
  ready: number | undefined;
  tasks: { start: number; end: number }[];
}

/** Runs in the page before anything of it. */
function note(selector: string): void {
  const noted: Noted = { ready: undefined, tasks: [] };
  Object.assign(globalThis, { noted });
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries())
      noted.tasks.push({ start: startTime, end: startTime + duration });
  }).observe({ type: 'longtask', buffered: true });
  const look = () => {
    if (!document.querySelector(selector)) requestAnimationFrame(look);
    // On the screen with the frame that is made now.
    else requestAnimationFrame(() => setTimeout(() => (noted.ready = performance.now()), 0));
  };
  look();
}

function told(): Visit | undefined {
  const { noted } = globalThis as unknown as { noted: Noted };
  const quietSince = Math.max(
    noted.ready ?? Number.POSITIVE_INFINITY,
    ...noted.tasks.map((task) => task.end),
  );
  if (performance.now() - quietSince < 1500) return undefined;
  const loaded = [
    ...performance.getEntriesByType('navigation'),
    ...performance.getEntriesByType('resource'),
  ] as PerformanceResourceTiming[];
  return {
    paintMs: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0,
    readyMs: noted.ready ?? 0,
    interactiveMs: quietSince,
    longestMs: Math.max(0, ...noted.tasks.map((task) => task.end - task.start)),
    kilobytes: loaded.reduce((sum, entry) => sum + entry.transferSize, 0) / 1024,
    requests: loaded.length,
  };
}

async function slowDown({ cdp }: Phone, network: Network): Promise<void> {
  await cdp.send('Network.enable');
  await cdp.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: network.rttMs,
    downloadThroughput: (network.downKbps * 1000) / 8,
    uploadThroughput: (network.upKbps * 1000) / 8,
  });
}

async function visit(page: Page, path: string): Promise<Visit> {
  await page.goto(path, { waitUntil: 'commit' });
  const since = performance.now();
  while (performance.now() - since < PATIENCE_MS) {
    await page.waitForTimeout(QUIET_MS / 3);
    const seen = await page.evaluate(told);
    if (seen) return seen;
  }
  throw new Error(`${path} was not ready within ${PATIENCE_MS} ms`);
}

const CARD = 'main article a[href^="/events/"]';
const PLAN = '.touch-none canvas';

/** In turns, so that a slow minute of the machine hits all of them. */
export async function measureVisits(stage: Stage, rounds: number, slow: number): Promise<Visits[]> {
  const cases = [
    { what: 'the events', path: '/', selector: CARD, again: false },
    { what: 'a hall of 100 seats', path: '/events/1', selector: PLAN, again: false },
    { what: 'the theatre, 1,500 seats', path: '/events/4', selector: PLAN, again: false },
    { what: 'the stadium, 50,000 seats', path: '/events/5', selector: PLAN, again: false },
    { what: 'the stadium, second visit', path: '/events/5', selector: PLAN, again: true },
  ];
  const seen = cases.map(({ what }): Visits => ({ what, visits: [] }));
  for (let round = 1; round <= rounds; ++round) {
    for (const [i, { what, path, selector, again }] of cases.entries()) {
      say(`${what}, visit ${round} of ${rounds}`);
      const phone = await stage.phone(slow);
      await slowDown(phone, SLOW_4G);
      await phone.page.addInitScript(note, selector);
      if (again) await visit(phone.page, path);
      seen[i]?.visits.push(await visit(phone.page, path));
      await phone.context.close();
    }
  }
  return seen;
}
