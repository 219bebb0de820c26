/** For everybody: axe on each page and state in both themes and languages, narrow screens, strange content. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { hallOf } from '../bench/halls.ts';
import { openOffice } from './opening.ts';
import { leaves, type Person, person, type Wish } from './people.ts';
import { cart, clickSeat, confirmed, hallReady, map, order, orderButton, planOf } from './seating.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const office = await openOffice();

interface Finding {
  id: string;
  impact: string;
  help: string;
  nodes: { html: string }[];
}

/** Nothing serious by axe; `where` names the state in the message. */
async function isAccessible(page: Page, where: string): Promise<void> {
  await page.evaluate(AXE);
  const found = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(options: unknown): Promise<{ violations: Finding[] }> };
    };
    const { violations } = await axe.run({ resultTypes: ['violations'] });
    return violations;
  });
  const serious = found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`,
    );
  assert.deepEqual(serious, [], where);
}

/** Nothing sticks out to the side, and what can be pressed is large enough for a finger. */
async function fits(page: Page, where: string): Promise<void> {
  const { wide, small } = await page.evaluate(() => ({
    wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    small: [...document.querySelectorAll('button, a[href], select, summary, input')]
      .filter((element) => {
        const { width, height } = element.getBoundingClientRect();
        const inText =
          element.matches('p a, li a, footer a') && getComputedStyle(element).display === 'inline';
        return width > 1 && height > 1 && !inText && (width < 43.5 || height < 43.5);
      })
      .map((element) => element.outerHTML.slice(0, 120)),
  }));
  assert(wide <= 0, `${where}: ${wide} px too wide`);
  assert.deepEqual(small, [], `${where}: smaller than 44 px`);
}

/** Whatever can be pressed can be scrolled to, and nothing lies over it. In a dialog: what is in the dialog. */
async function isWithinReach(page: Page, where: string): Promise<void> {
  const hidden = await page.evaluate(async () => {
    // What slides in is out of reach until it has come.
    const ending = document
      .getAnimations()
      .filter((one) => one.effect?.getComputedTiming().endTime !== Infinity);
    await Promise.allSettled(ending.map((one) => one.finished));
    const within = document.querySelector('[role="dialog"]') ?? document.body;
    const covered: string[] = [];
    for (const element of within.querySelectorAll(
      'button, a[href]:not([href="#main"]), select, input, summary',
    )) {
      const { width, height } = element.getBoundingClientRect();
      if (width <= 1 || height <= 1) continue; // shown when the focus comes
      element.scrollIntoView({ block: 'center', inline: 'center' });
      const box = element.getBoundingClientRect();
      const lines = [...element.getClientRects()];
      const at = (lines.find((line) => line.width > 1) ?? box) as DOMRect;
      const top = document.elementFromPoint(at.x + at.width / 2, at.y + at.height / 2);
      if (!top || !(element.contains(top) || top.contains(element)))
        covered.push(`${element.outerHTML.slice(0, 100)} under ${top?.outerHTML.slice(0, 80)}`);
    }
    scrollTo(0, 0);
    return covered;
  });
  assert.deepEqual(hidden, [], `${where}: out of reach`);
}

/** Every page and state on the way from the events to the ticket. */
async function walk(one: Person, index: number, look: (where: string) => Promise<void>): Promise<void> {
  const { page } = one;
  const plan = await planOf(office, 1);
  await one.goTo('/');
  await page.getByRole('heading', { level: 2 }).first().waitFor();
  await look('the events');
  await one.goTo('/tickets');
  await page.getByRole('heading', { level: 2 }).waitFor();
  await look('no tickets');
  await one.goTo('/events/1');
  await hallReady(page);
  await look('the hall');
  await page.getByRole('button', { name: /^(좌석 목록|Seat list)$/ }).click();
  await look('the list of seats');
  await page.getByRole('gridcell').nth(index).click();
  await orderButton(page).waitFor();
  await page
    .getByRole('button', { name: /^(목록 닫기|Hide list|Hide the list|Close list|Close the list)$/ })
    .click();
  await look('a held seat');
  await onTheWay(one, look);
  await orderButton(page).click();
  await page.getByRole('dialog').waitFor();
  await look('the order’s summary');
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^(결제하기|Pay)/ })
    .click();
  await page.waitForURL(/\/orders\//);
  await look('an order under way');
  await confirmed(page).waitFor();
  await look('a confirmed order');
  await one.goTo('/tickets');
  await page.getByRole('article').first().waitFor();
  await look('the tickets');
  await one.goTo('/orders/019ac0de-7b1c-7d3e-8a4f-2b6c9d0e1f2a');
  await page.getByRole('heading', { name: /주문을 찾을 수 없습니다|no such order/ }).waitFor();
  await look('no such order');
  await one.goTo('/events/999999');
  await page.getByRole('heading', { level: 1 }).waitFor();
  await look('no such event');
  assert(plan.length > 0);
}

/** What comes and goes while one chooses: a seat's card, the unfolded cart, a refusal with what is free instead. */
async function onTheWay(one: Person, look: (where: string) => Promise<void>): Promise<void> {
  const { page } = one;
  await map(page).scrollIntoViewIfNeeded();
  const box = await map(page).boundingBox();
  assert(box);
  const card = map(page).locator('p.font-semibold');
  const phone = await page.evaluate(() => matchMedia('(pointer: coarse)').matches);
  for (let step = 0; step < 12 && (await card.count()) === 0; ++step) {
    const at = [box.x + box.width / 2 + step * 5, box.y + box.height / 2 + step * 4] as const;
    await (phone ? page.touchscreen.tap(...at) : page.mouse.move(...at));
    await page.waitForTimeout(200);
  }
  await card.waitFor();
  await look('a seat’s card');
  const unfold = cart(page).locator('button[aria-expanded="false"]');
  if (await unfold.isVisible()) {
    await unfold.click();
    await look('the cart unfolded');
    await cart(page).locator('button[aria-expanded="true"]').click();
  }
}

const LOOKS: Wish[] = [
  { device: 'desktop', language: 'ko', theme: 'light' },
  { device: 'desktop', language: 'en', theme: 'dark' },
  { device: 'phone', language: 'ko', theme: 'dark' },
  { device: 'phone', language: 'en', theme: 'light' },
];

for (const [index, wish] of LOOKS.entries()) {
  test(`axe finds nothing serious on any page: ${Object.values(wish).join(', ')}`, async () => {
    const one = await person(office, wish);
    await walk(one, index * 2, async (where) => {
      await isAccessible(one.page, where);
      if (wish.device === 'phone') await fits(one.page, where);
    });
    await leaves(one);
  });
}

test('zoomed to 400 %, everything can still be reached without scrolling sideways', async () => {
  const one = await person(office, { language: 'ko' });
  await one.page.setViewportSize({ width: 320, height: 256 });
  await walk(one, 10, async (where) => {
    const wide = await one.page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    assert(wide <= 0, `${where}: ${wide} px too wide`);
    await isWithinReach(one.page, where);
  });
  await leaves(one);
});

test('before and after its sale a hall can be looked at, and says why no seat can be had', async () => {
  const days = (count: number) => new Date(Date.now() + count * 86_400_000).toISOString();
  const states = [
    { told: { onSaleAt: days(3), startsAt: days(40) }, words: 'The sale has not opened yet.' },
    { told: { onSaleAt: days(-30), startsAt: days(-1) }, words: 'The sale is over.' },
  ];
  for (const [i, { told, words }] of states.entries()) {
    const eventId = await office.importHall(hallOf(60), { title: `Gala ${i}`, ...told });
    const one = await person(office, { device: 'phone', language: 'en', theme: i === 0 ? 'dark' : 'light' });
    await one.goTo(`/events/${eventId}`);
    await map(one.page).waitFor();
    await one.page.getByText(words).first().waitFor();
    await isAccessible(one.page, words);
    await fits(one.page, words);
    await one.page.getByRole('button', { name: 'Seat list' }).click();
    await one.page.getByRole('gridcell').first().click();
    await one.page.waitForTimeout(500);
    assert.equal(await orderButton(one.page).count(), 0);
    await leaves(one);
  }
});

test('a title full of markup, and one of 10,000 characters, are text, and the way to a ticket stays open', async () => {
  const plan = {
    name: '<b>Hall</b>',
    size: { width: 100, height: 100 },
    categories: [{ name: '<i>A</i>', color: '#112233' }],
    zones: [
      {
        name: '"><script>alert(1)</script>',
        position: { x: 1, y: 2 },
        areas: [],
        rows: [
          {
            row_number: '<u>1</u>',
            position: { x: 0, y: 0 },
            seats: ['g1', 'g2', 'g3'].map((guid, i) => ({
              seat_guid: guid,
              seat_number: `&lt;${i}`,
              position: { x: 20 * i, y: 0 },
              category: '<i>A</i>',
            })),
          },
        ],
      },
    ],
  };
  for (const title of [
    '<img src=x onerror="document.title=1"><script>document.title=2</script>',
    '매'.repeat(10_000),
  ]) {
    let eventId: number;
    try {
      eventId = await office.importHall(plan, { title, prices: { '<i>A</i>': 1000 } });
    } catch (error) {
      assert(title.length > 1000, String(error)); // too long for the office, which then says so
      continue;
    }
    const one = await person(office, { device: 'phone', language: 'en' });
    await one.goTo('/');
    await one.page.getByText(title.slice(0, 60)).first().waitFor();
    await one.goTo(`/events/${eventId}`);
    await hallReady(one.page);
    await one.page.getByRole('button', { name: 'Seat list' }).click();
    await one.page.getByRole('gridcell').first().click();
    await orderButton(one.page).waitFor();
    await order(one.page);
    await confirmed(one.page).waitFor();
    await fits(one.page, 'the ticket');
    assert.doesNotMatch(await one.page.title(), /^[12]$/);
    assert.equal(await one.page.locator('main img, main script, main b').count(), 0);
    await leaves(one);
  }
});

test('with a device’s clock a day off, the time left is still right', async () => {
  const one = await person(office, { language: 'en' });
  await one.page.clock.install({ time: Date.now() + 86_400_000 });
  await one.goTo('/events/2');
  await one.page.clock.resume();
  await hallReady(one.page);
  const plan = await planOf(office, 2);
  await clickSeat(one.page, plan, plan[5]?.id ?? 0);
  await orderButton(one.page).waitFor();
  const left = await cart(one.page).getByRole('timer').first().textContent();
  assert.match(left ?? '', /^(2:0[01]|1:5\d)$/);
  await leaves(one);
});
