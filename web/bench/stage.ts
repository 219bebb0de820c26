/** Where the page is measured: a real office with halls of any size, and a phone whose processor is slowed down. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { type Browser, type BrowserContext, type CDPSession, chromium, type Page } from 'playwright-core';
import type { Office as BenchOffice } from '../e2e/office.ts';
import { BROWSER_FLAGS } from '../e2e/people.ts';
import { openFront } from './front.ts';
import { hallOf } from './halls.ts';

const BINARY = resolve(import.meta.dirname, '../..', process.env.ONSALE_BIN ?? 'build/bench/onsale');
process.env.ONSALE_BIN = BINARY; // office.ts reads it when it is loaded
const { Office } = await import('../e2e/office.ts');

const CHROMIUM = '/usr/bin/chromium';
export const SCREEN = { width: 390, height: 844 };

export interface Phone {
  context: BrowserContext;
  page: Page;
  cdp: CDPSession;
}

export class Stage {
  readonly office: BenchOffice;
  /** Where the page is: the office itself, or what stands in front of it with a page of its own (ONSALE_DIST). */
  readonly url: string;
  readonly #browser: Browser;
  readonly #closeFront: () => Promise<void>;
  readonly #halls = new Map<number, number>();

  private constructor(office: BenchOffice, browser: Browser, url: string, closeFront: () => Promise<void>) {
    this.office = office;
    this.url = url;
    this.#browser = browser;
    this.#closeFront = closeFront;
  }

  static async open(): Promise<Stage> {
    const office = await Office.start({ 'limits.seats_per_buyer': 16 });
    const front = process.env.ONSALE_DIST
      ? await openFront(office.url, resolve(process.env.ONSALE_DIST))
      : { url: office.url, close: async () => undefined };
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: BROWSER_FLAGS });
    return new Stage(office, browser, front.url, front.close);
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await this.#closeFront();
    await this.office.stop();
  }

  /** A phone that was never here: nothing is in its cache. `slow`: so many times slower than this machine. */
  async phone(slow: number): Promise<Phone> {
    const context = await this.#browser.newContext({
      viewport: SCREEN,
      deviceScaleFactor: 2,
      isMobile: true,
      hasTouch: true,
      baseURL: this.url,
      locale: 'en-US',
    });
    const page = await context.newPage();
    page.on('pageerror', (error) => {
      throw error;
    });
    const cdp = await context.newCDPSession(page);
    await cdp.send('Performance.enable');
    await cdp.send('Emulation.setCPUThrottlingRate', { rate: slow });
    return { context, page, cdp };
  }

  /** The event of a hall of so many seats; imported when it is first wanted. */
  async hall(seats: number): Promise<number> {
    let eventId = this.#halls.get(seats);
    if (eventId !== undefined) return eventId;
    const folder = await mkdtemp(join(tmpdir(), 'onsale-bench-'));
    const file = join(folder, 'hall.json');
    await writeFile(file, JSON.stringify(hallOf(seats)));
    await promisify(execFile)(BINARY, [
      'import',
      ...['--data-dir', join(this.office.folder, 'data'), '--default-price', '50000', file],
    ]);
    await rm(folder, { recursive: true });
    const answer = await fetch(`${this.office.url}/ticketing/catalog/api/events`);
    const events = (await answer.json()) as { id: number; seatCount: number }[];
    eventId = events.findLast((event) => event.seatCount === seats)?.id;
    if (eventId === undefined) throw new Error(`the hall of ${seats} seats was not imported`);
    this.#halls.set(seats, eventId);
    return eventId;
  }

  async seatIds(eventId: number): Promise<number[]> {
    const answer = await fetch(`${this.office.url}/ticketing/catalog/api/events/${eventId}/seats`);
    return ((await answer.json()) as { seats: { id: number }[] }).seats.map((seat) => seat.id);
  }
}

export function say(text: string): void {
  process.stderr.write(`page bench: ${text}\n`);
}
