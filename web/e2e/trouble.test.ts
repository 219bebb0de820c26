/** What goes wrong, and how the page bears it: the real office made slow, silent, refusing, or killed. */
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { Office, OtherBuyer, type Settings } from './office.ts';
import { closeBrowser, hears, leaves, openBrowser, person } from './people.ts';
import { cart, clickSeat, confirmed, hallReady, order, orderButton, planOf } from './seating.ts';
import { until } from './until.ts';

before(openBrowser);
after(closeBrowser);

let office: Office | undefined;
afterEach(async () => {
  await office?.stop();
  office = undefined;
});

async function open(settings: Settings = {}): Promise<Office> {
  office = await Office.start(settings);
  return office;
}

const seatRow = (page: Page) => cart(page).getByRole('listitem', { includeHidden: true });
const heading = (page: Page, name: RegExp) => page.getByRole('heading', { name });

/** However an order ended that came to nothing. */
const ENDED = /거절했습니다|지났습니다|연결되지 않았습니다/;

/** In the hall, with one seat held. */
async function holding(one: { page: Page; goTo(path: string): Promise<void> }, here: Office, index = 12) {
  await one.goTo('/events/1');
  await hallReady(one.page);
  const plan = await planOf(here, 1);
  const seat = plan[index];
  assert(seat);
  await clickSeat(one.page, plan, seat.id);
  await orderButton(one.page).waitFor();
  await until(async () => (await here.statusOf(1, seat.id)) === 'HELD', 3000);
  return seat;
}

/** How many orders this browser's buyer has. */
function orders(page: Page): Promise<{ orderId: string; status: string }[]> {
  return page.evaluate(async () => {
    const answer = await fetch('/ticketing/order/api/orders');
    return (await answer.json()).orders;
  });
}

test('a hold that lapses while one looks says so, and the seat is had again by one press', async () => {
  const here = await open({ 'holds.seconds_min': 1, 'holds.seconds_default': 6 });
  const buyer = await person(here);
  const seat = await holding(buyer, here);
  const again = buyer.page.getByRole('button', { name: '다시 선점하기' });
  await again.waitFor();
  await hears(buyer, /선점 시간이 끝나/);
  await until(async () => (await here.statusOf(1, seat.id)) === 'AVAILABLE', 5000);
  await again.click();
  await orderButton(buyer.page).waitFor();
  assert.equal(await here.statusOf(1, seat.id), 'HELD');
  await leaves(buyer);
});

test('the cart is there again after a reload, by what the office holds', async () => {
  const here = await open();
  const buyer = await person(here);
  await holding(buyer, here);
  await buyer.page.reload();
  await seatRow(buyer.page).first().waitFor();
  assert.equal(await seatRow(buyer.page).count(), 1);
  await hears(buyer, /그대로 있습니다/);
  const extend = () => buyer.page.getByRole('button', { name: /분 더 선점하기/ });
  await extend().click();
  await extend().waitFor({ state: 'detached' });
  await buyer.page.reload();
  await seatRow(buyer.page).first().waitFor();
  await hears(buyer, /그대로 있습니다/);
  assert.equal(await extend().count(), 0, 'what was extended is not offered again');
  await leaves(buyer);
});

test('a payment the bank refuses: nothing is charged, and the same seat is bought at the second try', async () => {
  const here = await open({ 'payments.mock.success_share': 0 });
  const buyer = await person(here);
  const seat = await holding(buyer, here);
  await order(buyer.page);
  await heading(buyer.page, /은행이 결제를 거절했습니다/).waitFor();
  await buyer.page.getByText('돈은 나가지 않았습니다.').waitFor();
  await hears(buyer, /은행이 결제를 거절했습니다/);
  const retry = buyer.page.getByRole('button', { name: '같은 좌석으로 다시 결제하기' });
  await retry.click();
  await until(async () => (await orders(buyer.page)).length === 2, 5000);
  await heading(buyer.page, /은행이 결제를 거절했습니다/).waitFor();

  // Somebody else takes the seat meanwhile.
  const other = new OtherBuyer(here);
  await until(async () => (await other.hold(1, [seat.id])) === 201, 5000);
  await retry.click();
  await buyer.page.getByText('그사이 다른 분이 그 좌석을 선점했습니다.').waitFor();
  await buyer.page.getByRole('link', { name: '다른 좌석 고르기' }).click();
  await hallReady(buyer.page);
  await leaves(buyer);
});

test('a double click orders once, and so do the back button and another press', async () => {
  const here = await open({ 'payments.mock.delay_ms': 2500 });
  const buyer = await person(here);
  await holding(buyer, here);
  await orderButton(buyer.page).dblclick();
  await buyer.page
    .getByRole('dialog')
    .getByRole('button', { name: /^결제하기/ })
    .dblclick();
  await buyer.page.waitForURL(/\/orders\//);
  await heading(buyer.page, /결제를 진행하고 있습니다/).waitFor();
  await buyer.page.goBack();
  await hallReady(buyer.page);
  await buyer.page.getByRole('link', { name: /진행 중인 주문/ }).click();
  await confirmed(buyer.page).waitFor();
  assert.equal((await orders(buyer.page)).length, 1);
  await leaves(buyer);
});

test('a reload in the middle of an order, at any moment, leads to the same order', async () => {
  const here = await open({ 'payments.mock.delay_ms': 2000 });
  const buyer = await person(here);
  await holding(buyer, here);
  await orderButton(buyer.page).click();
  // The order leaves, its answer is not waited for.
  const sent = buyer.page.waitForRequest(
    (request) => /\/orders$/.test(request.url()) && request.method() === 'POST',
  );
  await buyer.page
    .getByRole('dialog')
    .getByRole('button', { name: /^결제하기/ })
    .click({ noWaitAfter: true });
  await sent;
  await buyer.page.goto(`${here.url}/events/1`);
  await hallReady(buyer.page);
  const back = buyer.page.getByRole('link', { name: /진행 중인 주문/ });
  await back.or(orderButton(buyer.page)).first().waitFor();
  if (await back.isVisible()) await back.click();
  else await order(buyer.page);
  await buyer.page.reload();
  await confirmed(buyer.page).waitFor();
  assert.equal((await orders(buyer.page)).length, 1);
  await leaves(buyer);
});

test('a bank that is slow: the page says that it is being asked, and not to pay twice', async () => {
  const here = await open({ 'payments.mock.delay_ms': 9500, 'payments.call_ms': 20_000 });
  const buyer = await person(here);
  await holding(buyer, here);
  await order(buyer.page);
  await buyer.page.getByText('다시 결제하지 마세요').waitFor({ timeout: 12_000 });
  assert.equal(await buyer.page.getByRole('button', { name: /결제하기/ }).count(), 0);
  await confirmed(buyer.page).waitFor();
  await leaves(buyer);
});

test('a bank whose answer is lost: nothing is guessed, it is asked what it did, and the order ends', async () => {
  const here = await open({ 'payments.mock.timeout_share': 1, 'payments.call_ms': 2000 });
  const buyer = await person(here);
  const seat = await holding(buyer, here);
  await order(buyer.page);
  await confirmed(buyer.page).or(heading(buyer.page, ENDED)).waitFor({ timeout: 40_000 });
  const bought = await confirmed(buyer.page).isVisible();
  assert.equal(await here.statusOf(1, seat.id), bought ? 'SOLD' : 'AVAILABLE');
  if (!bought) await buyer.page.getByText('돈은 나가지 않았습니다.').waitFor();
  assert.equal((await orders(buyer.page)).length, 1);
  await leaves(buyer);
});

test('offline: a banner, and on return everything is as it is', async () => {
  const here = await open();
  const buyer = await person(here, { mayFail: true });
  const seat = await holding(buyer, here);
  await buyer.context.setOffline(true);
  await buyer.page
    .getByText(/인터넷 연결이 끊겼습니다/)
    .first()
    .waitFor();
  const other = new OtherBuyer(here);
  const plan = await planOf(here, 1);
  const taken = plan[40];
  assert(taken);
  assert.equal(await other.hold(1, [taken.id]), 201);
  await buyer.context.setOffline(false);
  await buyer.page.getByRole('button', { name: '좌석 목록' }).click();
  await buyer.page
    .getByRole('gridcell', { name: new RegExp(`${taken.row}열 ${taken.name}번,.*선점 중`) })
    .waitFor();
  assert.equal(await seatRow(buyer.page).count(), 1);
  await order(buyer.page);
  await confirmed(buyer.page).waitFor();
  assert.equal(await here.statusOf(1, seat.id), 'SOLD');
  await leaves(buyer);
});

test('the office is killed while the buyer looks, and is back: the hold is there, the stream goes on', async () => {
  const here = await open();
  const buyer = await person(here, { mayFail: true });
  const seat = await holding(buyer, here);
  await new Promise((resolve) => setTimeout(resolve, 200)); // holds reach the disk in the background
  await here.kill();
  await buyer.page.waitForTimeout(500);
  await here.begin();
  await hallReady(buyer.page);
  const plan = await planOf(here, 1);
  const taken = plan[41];
  assert(taken);
  assert.equal(await new OtherBuyer(here).hold(1, [taken.id]), 201);
  await buyer.page.getByRole('button', { name: '좌석 목록' }).click();
  await buyer.page
    .getByRole('gridcell', { name: new RegExp(`${taken.row}열 ${taken.name}번,.*선점 중`) })
    .waitFor({ timeout: 30_000 });
  assert.equal(await seatRow(buyer.page).count(), 1);
  await order(buyer.page);
  await confirmed(buyer.page).waitFor();
  assert.equal(await here.statusOf(1, seat.id), 'SOLD');
  await leaves(buyer);
});

test('the office is killed in the middle of an order, and is back: the buyer sees how it ended', async () => {
  const here = await open({ 'payments.mock.delay_ms': 3000 });
  const buyer = await person(here, { mayFail: true });
  const seat = await holding(buyer, here);
  await order(buyer.page);
  await heading(buyer.page, /결제를 진행하고 있습니다/).waitFor();
  await here.kill();
  await buyer.page.waitForTimeout(1500);
  await here.begin({ 'payments.mock.delay_ms': 50 });
  await confirmed(buyer.page).or(heading(buyer.page, ENDED)).waitFor({ timeout: 40_000 });
  const bought = await confirmed(buyer.page).isVisible();
  assert.equal(await here.statusOf(1, seat.id), bought ? 'SOLD' : 'AVAILABLE');
  assert.equal((await orders(buyer.page)).length, 1);
  await leaves(buyer);
});

test('the office closes in good order while one pays and another looks, and opens again: both go on', async () => {
  const here = await open({ 'payments.mock.delay_ms': 4000 });
  const buyer = await person(here, { mayFail: true });
  const viewer = await person(here, { mayFail: true });
  const held = await holding(viewer, here, 30);
  const seat = await holding(buyer, here);
  await order(buyer.page);
  await heading(buyer.page, /결제를 진행하고 있습니다/).waitFor();
  // Streams are told to come back later, no new connection is let in, and the order is brought to its end.
  const closed = here.drain();
  const mark = (name: RegExp) => viewer.page.getByRole('status').filter({ hasText: name });
  await mark(/^다시 연결 중/).waitFor();
  assert.equal(await viewer.page.getByRole('heading', { name: /화면에 문제가 생겼습니다/ }).count(), 0);
  await closed;
  await here.begin();
  await confirmed(buyer.page).waitFor({ timeout: 40_000 });
  assert.equal(await here.statusOf(1, seat.id), 'SOLD');
  await mark(/^실시간/).waitFor({ timeout: 40_000 });
  assert.equal(await here.statusOf(1, held.id), 'HELD');
  assert.equal(await seatRow(viewer.page).count(), 1);
  await leaves(buyer, viewer);
});

test('an office that can tell no more viewers: the hall can be used all the same, and is live when there is room', async () => {
  const here = await open({ 'streams.viewers_max': 1, 'http.loops': 1 }); // the limit is shared out over the loops
  const first = await person(here);
  await first.goTo('/events/1');
  await hallReady(first.page);
  const second = await person(here, { mayFail: true });
  await second.goTo('/events/1');
  const mark = (name: RegExp) => second.page.getByRole('status').filter({ hasText: name });
  await mark(/^다시 연결 중/).waitFor();
  await second.page.getByRole('button', { name: '좌석 목록' }).click();
  await second.page.getByRole('gridcell').nth(7).click();
  await orderButton(second.page).waitFor();
  await leaves(first);
  await mark(/^실시간/).waitFor({ timeout: 60_000 });
  await leaves(second);
});

test('a busy office is asked again after as long as it says, without an error on the page', async () => {
  const here = await open({ 'limits.requests_per_second_per_buyer': 2 });
  const buyer = await person(here, { mayFail: true });
  await holding(buyer, here);
  const plan = await planOf(here, 1);
  for (const index of [13, 14, 15]) await clickSeat(buyer.page, plan, plan[index]?.id ?? 0);
  await until(async () => (await seatRow(buyer.page).count()) === 4, 20_000);
  await until(
    async () =>
      (await Promise.all([12, 13, 14, 15].map((i) => here.statusOf(1, plan[i]?.id ?? 0)))).every(
        (s) => s === 'HELD',
      ),
    20_000,
  );
  await leaves(buyer);
});

test('more seats than one buyer may have: told in words, and what is held stays', async () => {
  const here = await open({ 'limits.seats_per_buyer': 2 });
  const buyer = await person(here);
  await holding(buyer, here);
  const plan = await planOf(here, 1);
  await clickSeat(buyer.page, plan, plan[13]?.id ?? 0);
  await until(async () => (await seatRow(buyer.page).count()) === 2, 5000);
  await clickSeat(buyer.page, plan, plan[14]?.id ?? 0);
  await buyer.page
    .getByText(/살 수 있는 좌석 수를 넘었습니다/)
    .first()
    .waitFor();
  assert.equal(await seatRow(buyer.page).count(), 2);
  await leaves(buyer);
});

test('an office that no longer knows the buyer: the next tap begins anew', async () => {
  const here = await open();
  const buyer = await person(here);
  await buyer.context.addCookies([
    { name: 'onsale_buyer', value: 'v1.AAAA.BBBB', url: here.url, httpOnly: true, sameSite: 'Lax' },
  ]);
  await holding(buyer, here);
  await order(buyer.page);
  await confirmed(buyer.page).waitFor();
  await leaves(buyer);
});
