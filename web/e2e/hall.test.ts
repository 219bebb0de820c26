/** The plan of a hall: at any size, from afar and near, with what comes and goes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OtherBuyer } from './office.ts';
import { openOffice } from './opening.ts';
import { hears, leaves, person } from './people.ts';
import { cart, hallReady, map, planOf } from './seating.ts';
import { until } from './until.ts';

const THEATRE = 4;
const STADIUM = 5;

const office = await openOffice();

test('a stadium on a phone: one tap shows a block’s seats, the next one holds a seat', async () => {
  const buyer = await person(office, { device: 'phone', language: 'en' });
  const { page } = buyer;
  await buyer.goTo(`/events/${STADIUM}`);
  await hallReady(page);
  const box = await map(page).boundingBox();
  assert(box);
  const x = box.x + box.width * 0.3;
  const y = box.y + box.height * 0.36;
  await page.touchscreen.tap(x, y);
  await page.waitForTimeout(600);
  const seats = () => cart(page).getByRole('listitem', { includeHidden: true }).count();
  assert.equal(await seats(), 0);
  for (let step = 0; step < 6 && (await seats()) === 0; ++step) {
    await page.touchscreen.tap(x + step * 7, y + step * 9);
    await page.waitForTimeout(500);
  }
  assert.equal(await seats(), 1);
  await leaves(buyer);
});

test('a stadium’s layout is read by a worker, which then goes; a small hall’s is read at once', async () => {
  const viewer = await person(office);
  const { page } = viewer;
  const begun = page.waitForEvent('worker');
  await viewer.goTo(`/events/${STADIUM}`);
  assert.match((await begun).url(), /planWorker/);
  await hallReady(page);
  await until(async () => page.workers().length === 0, 5000);
  await viewer.goTo('/events/1');
  await hallReady(page);
  await leaves(viewer);
});

test('the plan goes to a block that is chosen by name, and by keys to the whole hall again', async () => {
  const viewer = await person(office, { language: 'en' });
  const { page } = viewer;
  await viewer.goTo(`/events/${STADIUM}`);
  await hallReady(page);
  const minimap = page.locator('.minimap-frame');
  assert.equal(await minimap.isVisible(), false);
  await page.getByRole('combobox', { name: 'Go to a section' }).selectOption({ index: 40 });
  await minimap.waitFor();
  await map(page).focus();
  await page.keyboard.press('+');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('0');
  await minimap.waitFor({ state: 'hidden' });
  await leaves(viewer);
});

test('a seat that another takes is said to whoever walks through its block', async () => {
  const viewer = await person(office, { language: 'en' });
  const { page } = viewer;
  await viewer.goTo(`/events/${THEATRE}`);
  await hallReady(page);
  const plan = await planOf(office, THEATRE);
  const first = plan[0];
  const fifth = plan[4];
  assert(first && fifth);
  await page.getByRole('combobox', { name: 'Go to a section' }).selectOption('0');
  await page.getByRole('button', { name: 'Seat list' }).click();
  await page.getByRole('gridcell').first().focus();
  assert.equal(await new OtherBuyer(office).hold(THEATRE, [fifth.id]), 201);
  await hears(viewer, new RegExp(`${fifth.row}${fifth.name} was taken`), 6000);
  // The one under the focus is lost aloud.
  assert.equal(await new OtherBuyer(office).hold(THEATRE, [first.id]), 201);
  await hears(viewer, /which you were looking at, was taken/, 6000);
  await leaves(viewer);
});

test('fifty seats that others hold at once are on the plan and in the number left', async () => {
  const viewer = await person(office, { language: 'en' });
  const { page } = viewer;
  await viewer.goTo(`/events/${THEATRE}`);
  await hallReady(page);
  const left = async () =>
    Number(
      (
        await page
          .getByText(/^[\d,]+ left$/)
          .first()
          .textContent()
      )?.replace(/\D/g, ''),
    );
  const plan = await planOf(office, THEATRE);
  const before = await left();
  const free = plan.slice(400, 456).map((seat) => seat.id);
  for (let i = 0; i < free.length; i += 8) {
    assert.equal(await new OtherBuyer(office).hold(THEATRE, free.slice(i, i + 8)), 201);
  }
  await until(async () => (await left()) === before - free.length, 5000);
  await leaves(viewer);
});

test('a layout that is broken is told in words, and the rest of the hall can be used', async () => {
  const viewer = await person(office, { language: 'en' });
  const { page, context } = viewer;
  await context.route(/\/events\/1\/layout/, async (route) => {
    // As from an office that has no compact form: JSON.
    const answer = await route.fetch({
      headers: { ...route.request().headers(), accept: 'application/json' },
    });
    const plan = (await answer.json()) as { sections: { rows: { seats: Record<string, unknown>[] }[] }[] };
    const seats = plan.sections[0]?.rows[0]?.seats ?? [];
    Object.assign(seats[0] ?? {}, { x: 1e300 });
    Object.assign(seats[1] ?? {}, { tier: 999 });
    Object.assign(seats[2] ?? {}, { y: null });
    await route.fulfill({ response: answer, json: plan });
  });
  await viewer.goTo('/events/1');
  await hallReady(page);
  await page.getByText('Part of the plan cannot be shown').click();
  await page.getByText('2 seats have no usable position').waitFor();
  await page.getByText('1 seat has an unknown tier').waitFor();
  await page.getByRole('button', { name: 'Seat list' }).click();
  assert.equal(await page.getByRole('gridcell', { name: /row A, seat 1,/ }).count(), 1);
  await leaves(viewer);
});

test('a layout that was cut off is told as an unreadable answer, and asked for again', async () => {
  const viewer = await person(office, { language: 'en' });
  const { page, context } = viewer;
  const layout = /\/events\/1\/layout/;
  await context.route(layout, async (route) => {
    const answer = await route.fetch();
    assert.equal(answer.headers()['content-type'], 'application/vnd.onsale.layout');
    const body = await answer.body();
    await route.fulfill({ response: answer, body: body.subarray(0, body.length - 3) });
  });
  await viewer.goTo('/events/1');
  const again = page.getByRole('button', { name: 'Try again' });
  await again.waitFor();
  await context.unroute(layout);
  await again.click();
  await hallReady(page);
  await leaves(viewer);
});
