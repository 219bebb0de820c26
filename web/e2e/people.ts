/** People at their browsers: Debian's Chromium, one for all tests of a file, a context of its own for each person. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import type { Office } from './office.ts';
import { until } from './until.ts';

const PROGRAMS = ['/usr/bin/chromium', '/usr/bin/chromium-browser'];
/**
 * The list of suggestions under the address bar is a page of its own in each new window of newer Chromiums, of
 * five hundred files: seconds of a processor, for a bar that nobody sees. (A second list of features takes the place of
 * playwright's; the others here are from that.)
 */
const FEATURES_OFF = ['WebUIOmniboxPopup', 'WebUIOmniboxAimPopup', 'WebUIOmniboxFullPopup'].concat(
  ['HttpsUpgrades', 'MediaRouter', 'OptimizationHints', 'PaintHolding', 'DestroyProfileOnBrowserClose'],
  ['ThirdPartyStoragePartitioning', 'AvoidUnnecessaryBeforeUnloadCheckSync', 'NetworkTimeServiceQuerying'],
);
export const BROWSER_FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'].concat(
  ['--disable-background-networking', '--disable-component-update', '--disable-sync'],
  ['--font-render-hinting=none', '--force-color-profile=srgb'],
  `--disable-features=${FEATURES_OFF.join(',')}`,
);
/** While working on the page: ONSALE_DIST=web/dist shows that folder in place of what the program carries. */
const DIST = process.env.ONSALE_DIST;

export const DEVICES = {
  phone: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
  desktop: { viewport: { width: 1440, height: 900 }, isMobile: false, hasTouch: false },
} as const;

export interface Person {
  page: Page;
  context: BrowserContext;
  /** Errors of the page, of its policy and of its console, as they came. */
  faults: string[];
  /** Everything the page said to a screen reader. */
  said(): Promise<string[]>;
  goTo(path: string): Promise<void>;
}

export interface Wish {
  device?: keyof typeof DEVICES;
  language?: 'ko' | 'en';
  theme?: 'light' | 'dark';
  /** The test takes the network away: what the browser writes down about that is no fault of the page. */
  mayFail?: boolean;
}

let browser: Browser | undefined;

export async function openBrowser(): Promise<void> {
  const program = PROGRAMS.find((path) => existsSync(path));
  if (!program) throw new Error('Chromium is not installed; tools/setup test installs it');
  browser = await chromium.launch({ executablePath: program, args: BROWSER_FLAGS });
}

export async function closeBrowser(): Promise<void> {
  await browser?.close();
}

export const PAGE_TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** As the program has it: index.html may run its own files, these may do nothing by themselves. */
export const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'";
const FILE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:";

async function showDist(context: BrowserContext, folder: string): Promise<void> {
  const root = resolve(folder);
  await context.route(/^http:\/\/[^/]+\/(?!ticketing\/|docs|openapi|errors)/, (route) => {
    const path = new URL(route.request().url()).pathname;
    const isPage = !(existsSync(join(root, path)) && extname(path));
    const file = join(root, isPage ? 'index.html' : path);
    return route.fulfill({
      body: readFileSync(file),
      headers: {
        'Content-Type': PAGE_TYPES[extname(file)] ?? 'application/octet-stream',
        'Content-Security-Policy': isPage ? PAGE_POLICY : FILE_POLICY,
      },
    });
  });
}

export async function person(office: Office, wish: Wish = {}): Promise<Person> {
  assert(browser, 'openBrowser first');
  const { device = 'desktop', language = 'ko', theme = 'light', mayFail = false } = wish;
  const context = await browser.newContext({
    ...DEVICES[device],
    locale: language === 'ko' ? 'ko-KR' : 'en-US',
    timezoneId: 'Asia/Seoul',
    colorScheme: theme,
    reducedMotion: 'reduce',
    baseURL: office.url,
  });
  context.setDefaultTimeout(15_000);
  if (DIST) await showDist(context, DIST);
  // What is said is gone from its region a moment later: it is written down as it comes.
  await context.addInitScript(() => {
    const said: string[] = [];
    Object.assign(globalThis, { said });
    const listen = () => {
      new MutationObserver((changes) => {
        for (const { target } of changes) {
          const element = target instanceof Element ? target : target.parentElement;
          const region = element?.closest('[aria-live]');
          const text = region?.textContent?.trim();
          if (text && said.at(-1) !== text) said.push(text);
        }
      }).observe(document.body, { childList: true, characterData: true, subtree: true });
    };
    if (document.body) listen();
    else document.addEventListener('DOMContentLoaded', listen);
  });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() !== 'error' || mayFail) return;
    // A refusal is an answer; the browser writes it down all the same.
    if (/Failed to load resource: the server responded with a status of 4\d\d/.test(message.text())) return;
    faults.push(`console: ${message.text()}`);
  });
  const one: Person = {
    page,
    context,
    faults,
    said: () => page.evaluate(() => (globalThis as unknown as { said: string[] }).said),
    goTo: async (path) => {
      await page.goto(path);
    },
  };
  return one;
}

/** Waits until the page has said it to a screen reader. */
export async function hears(one: Person, words: RegExp, ms = 3000): Promise<void> {
  await until(async () => words.test((await one.said()).join('\n')), ms);
}

/** At the end of a test: nothing broke meanwhile. */
export async function leaves(...people: Person[]): Promise<void> {
  for (const { context, faults } of people) {
    await context.close();
    assert.deepEqual(faults, []);
  }
}
