/** The main states look as they did (e2e/pictures.ts). */
import { after, before, test } from 'node:test';
import { hallOf } from '../bench/halls.ts';
import { Office, OtherBuyer } from './office.ts';
import { closeBrowser, leaves, openBrowser, person, type Wish } from './people.ts';
import { looks } from './pictures.ts';
import { confirmed, hallReady, map, order, orderButton, planOf } from './seating.ts';

before(openBrowser);
after(closeBrowser);

const SEEN: Wish[] = [
  { device: 'phone', language: 'ko', theme: 'light' },
  { device: 'phone', language: 'en', theme: 'dark' },
  { device: 'desktop', language: 'ko', theme: 'dark' },
  { device: 'desktop', language: 'en', theme: 'light' },
];

const DAY_MS = 86_400_000;

/** An event whose sale opens in some days, and one whose show is over. */
function beforeAndAfter() {
  const days = (count: number) => new Date(Date.now() + count * DAY_MS + 60_000).toISOString();
  return {
    soon: { onSaleAt: days(3), startsAt: days(40) },
    over: { onSaleAt: days(-30), startsAt: days(-1) },
  };
}

for (const wish of SEEN) {
  const of = Object.values(wish).join('-');
  test(`the main states look as they did: ${of}`, async () => {
    const office = await Office.start({ 'payments.mock.delay_ms': 5000 });
    const one = await person(office, wish);
    const { page } = one;
    const plan = await planOf(office, 1);
    const other = new OtherBuyer(office);
    await other.hold(
      1,
      plan.slice(20, 26).map((seat) => seat.id),
      900,
    );
    await one.goTo('/tickets');
    await page.getByRole('heading', { level: 2 }).waitFor();
    await looks(page, `no-tickets-${of}`);
    await one.goTo('/events/1');
    await hallReady(page);
    await looks(page, `hall-${of}`);
    await page.getByRole('button', { name: /^(좌석 목록|Seat list)$/ }).click();
    await page.getByRole('gridcell').nth(2).click();
    await orderButton(page).waitFor();
    await page.getByRole('gridcell').nth(3).click();
    await page.getByRole('button', { name: /^(목록 닫기|Hide list)$/ }).click();
    await page.waitForTimeout(1000);
    await looks(page, `held-${of}`);
    await orderButton(page).click();
    await page.getByRole('dialog').waitFor();
    await looks(page, `summary-${of}`);
    await page.keyboard.press('Escape');
    await order(page);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await looks(page, `under-way-${of}`);
    await confirmed(page).waitFor();
    await looks(page, `confirmed-${of}`);
    await one.goTo('/tickets');
    await page.getByRole('article').first().waitFor();
    await looks(page, `tickets-${of}`);
    for (const [state, told] of Object.entries(beforeAndAfter())) {
      const eventId = await office.importHall(hallOf(60), { title: `Gala, ${state}`, ...told });
      await one.goTo(`/events/${eventId}`);
      await map(page).waitFor();
      await page.waitForTimeout(500);
      await looks(page, `${state}-${of}`);
    }
    await leaves(one);
    await office.stop();
  });
}
