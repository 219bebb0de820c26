/** Buying, from the first page to the ticket, on a desktop and on a phone, by pointing and by keys alone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OtherBuyer } from './office.ts';
import { openOffice } from './opening.ts';
import { hears, leaves, type Person, person } from './people.ts';
import { cart, clickSeat, confirmed, hallReady, map, order, orderButton, planOf } from './seating.ts';
import { until } from './until.ts';

/** From seat to seat, in a hall of ten by ten that fits a phone. */
const SEAT_PX = 32;

const office = await openOffice();

test('a seat that is clicked is held, ordered, and SOLD in a second browser within a second', async () => {
  const plan = await planOf(office, 1);
  const seat = plan[0];
  assert(seat);
  const buyer = await person(office);
  const viewer = await person(office, { language: 'en' });
  for (const one of [buyer, viewer]) {
    await one.goTo('/events/1');
    await hallReady(one.page);
  }
  // The viewer looks at the same seat in the list, which tells each seat's state in words.
  await viewer.page.getByRole('button', { name: 'Seat list' }).click();
  const seen = (status: string) =>
    viewer.page.getByRole('gridcell', {
      name: new RegExp(`row ${seat.row}, seat ${seat.name}, .*${status}`),
    });
  await seen('available|Available').waitFor();

  await clickSeat(buyer.page, plan, seat.id);
  await orderButton(buyer.page).waitFor();
  assert.equal(await office.statusOf(1, seat.id), 'HELD');
  await seen('[Hh]eld').waitFor({ timeout: 1000 });

  await order(buyer.page);
  await until(async () => (await office.statusOf(1, seat.id)) === 'SOLD', 10_000);
  await seen('[Ss]old').waitFor({ timeout: 1000 });
  await confirmed(buyer.page).waitFor();
  await buyer.page.getByRole('img', { name: '입장용 QR 코드' }).waitFor();

  // The ticket is there tomorrow, too.
  await buyer.goTo('/tickets');
  await buyer.page.getByRole('article').filter({ hasText: seat.row }).waitFor();
  await leaves(buyer, viewer);
});

test('two neighbouring seats are bought on a phone in under 30 seconds from the first page', async () => {
  const buyer = await person(office, { device: 'phone' });
  const { page } = buyer;
  const since = performance.now();
  await buyer.goTo('/');
  await page
    .getByRole('link', { name: /Seoul|한강|재즈/ })
    .first()
    .tap();
  await hallReady(page);
  const box = await map(page).boundingBox();
  assert(box);
  // Somewhere in the middle of the plan, and then to the right of it, until two seats are held.
  // The list is folded on a phone.
  const heldSeats = () => cart(page).getByRole('listitem', { includeHidden: true });
  // As a thumb does: a tap, a look, the next seat beside it. (Two quick taps are a zoom.)
  const y = box.y + box.height / 2;
  for (let x = box.x + box.width / 2; x < box.x + box.width - 40; ) {
    const before = await heldSeats().count();
    if (before >= 2) break;
    await page.touchscreen.tap(x, y);
    await page.waitForTimeout(700);
    x += (await heldSeats().count()) > before ? SEAT_PX : SEAT_PX / 4;
  }
  assert.equal(await heldSeats().count(), 2);
  await order(page);
  await confirmed(page).waitFor();
  const took = (performance.now() - since) / 1000;
  const seats = await page.getByRole('article').locator('dd').allInnerTexts();
  const numbers = seats.filter((_, i) => i % 3 === 2).map(Number);
  assert.equal(Math.abs((numbers[0] ?? 0) - (numbers[1] ?? 0)), 1, `neighbours: ${seats.join(' ')}`);
  assert(took < 30, `it took ${took} s`);
  await leaves(buyer);
});

test('two neighbouring seats are bought by keys alone in under 30 seconds', async () => {
  const buyer = await person(office, { language: 'en' });
  const { page } = buyer;
  const { keyboard } = page;
  const since = performance.now();
  await buyer.goTo('/');
  await page.getByRole('heading', { level: 1 }).waitFor();
  const focused = () =>
    page.evaluate(() => {
      const { activeElement: element } = document;
      return `${element?.getAttribute('role') ?? element?.tagName} ${element?.getAttribute('aria-label') ?? element?.textContent?.trim()}`;
    });
  const tabTo = async (wanted: RegExp, presses = 60) => {
    for (let i = 0; i < presses; i++) {
      if (wanted.test(await focused())) return;
      await keyboard.press('Tab');
    }
    throw new Error(`no ${wanted} by Tab; at ${await focused()}`);
  };
  await page.getByRole('link', { name: /Jazz/ }).first().waitFor();
  await tabTo(/^A .*Jazz/);
  await keyboard.press('Enter');
  await hallReady(page);
  await tabTo(/^gridcell /);
  await keyboard.press('PageDown');
  await keyboard.press('Enter');
  await cart(page).getByRole('listitem').first().waitFor();
  await keyboard.press('ArrowRight');
  await keyboard.press('Enter');
  await cart(page).getByRole('listitem').nth(1).waitFor();
  await page.waitForFunction(() => !document.querySelector('[aria-busy="true"]'));
  await tabTo(/^BUTTON Order/);
  await keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  await tabTo(/^BUTTON Pay/);
  await keyboard.press('Enter');
  await confirmed(page).waitFor();
  const took = (performance.now() - since) / 1000;
  assert(took < 30, `it took ${took} s`);
  assert.match(await focused(), /^H1 The seats are yours/, 'the focus is where the news is');
  await hears(buyer, /held for you/);
  await hears(buyer, /The seats are yours/);
  assert.equal(await page.getByRole('article').count(), 2);
  await leaves(buyer);
});

test('of two browsers that want one seat one gets it, and the other is told and offered an equal one', async () => {
  const plan = await planOf(office, 2);
  const seat = plan[44];
  assert(seat);
  const people = [await person(office), await person(office)];
  for (const one of people) {
    await one.goTo('/events/2');
    await hallReady(one.page);
  }
  await Promise.all(people.map((one) => clickSeat(one.page, plan, seat.id)));
  const offers = people.map((one) => one.page.getByRole('button', { name: /^대신 .*선점하기/ }));
  const loser = await Promise.any(offers.map((offer, i) => offer.waitFor().then(() => i)));
  const winner = 1 - loser;
  await orderButton((people[winner] as (typeof people)[0]).page).waitFor();
  await hears(people[loser] as Person, /다른 분이 먼저 선점했습니다/);
  await offers[loser]?.click();
  await orderButton((people[loser] as (typeof people)[0]).page).waitFor();
  assert.equal(await office.statusOf(2, seat.id), 'HELD');
  await leaves(...people);
});

test('a seat that another takes changes before the eyes of whoever looks', async () => {
  const buyer = await person(office, { language: 'en' });
  await buyer.goTo('/events/3');
  await hallReady(buyer.page);
  await buyer.page.getByRole('button', { name: 'Seat list' }).click();
  const first = buyer.page.getByRole('gridcell').first();
  assert.match((await first.getAttribute('aria-label')) ?? '', /[Aa]vailable/);
  const [seat] = await planOf(office, 3);
  assert.equal(await new OtherBuyer(office).hold(3, [seat?.id ?? 0]), 201);
  await buyer.page
    .getByRole('gridcell', { name: /[Hh]eld/ })
    .first()
    .waitFor({ timeout: 1000 });
  await leaves(buyer);
});

test('a theatre and a stadium are sold in the same way', async () => {
  for (const eventId of [4, 5]) {
    const buyer = await person(office, { language: 'en' });
    const { page } = buyer;
    await buyer.goTo(`/events/${eventId}`);
    await hallReady(page);
    await page.getByRole('button', { name: 'Seat list' }).click();
    await page
      .getByRole('gridcell', { name: /[Aa]vailable/ })
      .first()
      .click();
    await orderButton(page).waitFor();
    await order(page);
    await confirmed(page).waitFor();
    await leaves(buyer);
  }
});
