/** What people do in the hall, by pointing and by keys. */
import assert from 'node:assert/strict';
import type { Locator, Page } from 'playwright-core';
import type { Office } from './office.ts';

interface PlanSeat {
  id: number;
  section: string;
  row: string;
  name: string;
  x: number;
  y: number;
}

export async function planOf(office: Office, eventId: number): Promise<PlanSeat[]> {
  const answer = await fetch(`${office.url}/ticketing/catalog/api/events/${eventId}/layout`);
  const plan = (await answer.json()) as {
    sections: {
      name: string;
      rows: { name: string; seats: { id: number; name: string; x: number; y: number }[] }[];
    }[];
  };
  return plan.sections.flatMap((section) =>
    section.rows.flatMap((row) =>
      row.seats.map((seat) => ({ ...seat, section: section.name, row: row.name })),
    ),
  );
}

export const map = (page: Page): Locator => page.getByRole('group', { name: /좌석배치도|Plan of|seat/i });
export const cart = (page: Page): Locator => page.getByRole('region', { name: /^(선점한 좌석|Your seats)$/ });
export const orderButton = (page: Page): Locator =>
  cart(page).getByRole('button', { name: /^(주문하기|Order)/ });

/** Waits until the plan can be used and the stream brings changes. */
export async function hallReady(page: Page): Promise<void> {
  await map(page).waitFor();
  await page
    .getByRole('status')
    .filter({ hasText: /^(실시간|Live)/ })
    .waitFor();
}

/**
 * Where a seat is on the screen, found as a person finds it: by pointing somewhere, reading which seat that is, and
 * moving on from there. For a mouse, in a hall that fits the screen.
 */
export async function pointOf(
  page: Page,
  plan: PlanSeat[],
  seatId: number,
): Promise<{ x: number; y: number }> {
  const wanted = plan.find((seat) => seat.id === seatId);
  const box = await map(page).boundingBox();
  assert(wanted && box);
  const xs = plan.map((seat) => seat.x);
  const ys = plan.map((seat) => seat.y);
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const card = map(page).locator('p.font-semibold');
  const readings: { seat: PlanSeat; x: number; y: number }[] = [];
  let scale = Math.min((0.6 * box.width) / (right - left || 1), (0.6 * box.height) / (bottom - top || 1));
  let at = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  for (let step = 0; step < 60; step++) {
    await page.mouse.move(at.x, at.y);
    await page.waitForTimeout(60);
    const text = (await card.count()) > 0 ? ((await card.first().textContent()) ?? '') : '';
    const seat = plan.find(
      ({ section, row, name }) =>
        text === `${section} ${row}열 ${name}번` || text === `${section}, row ${row}, seat ${name}`,
    );
    if (!seat) {
      // Between two seats: a little further.
      at = { x: at.x + 7 * ((step % 3) - 1) + 3, y: at.y + 7 * (((step / 3) | 0) % 3) - 5 };
      continue;
    }
    if (seat.id === seatId) return at;
    const other = readings.find((one) => Math.hypot(one.seat.x - seat.x, one.seat.y - seat.y) > 0);
    if (other)
      scale =
        Math.hypot(other.x - at.x, other.y - at.y) / Math.hypot(other.seat.x - seat.x, other.seat.y - seat.y);
    readings.push({ seat, ...at });
    at = { x: at.x + (wanted.x - seat.x) * scale, y: at.y + (wanted.y - seat.y) * scale };
  }
  throw new Error(`seat ${seatId} was not found on the plan`);
}

export async function clickSeat(page: Page, plan: PlanSeat[], seatId: number): Promise<void> {
  const at = await pointOf(page, plan, seatId);
  await page.mouse.click(at.x, at.y);
}

/** From the held seats to the order's page. */
export async function order(page: Page): Promise<void> {
  await orderButton(page).click();
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^(결제하기|Pay)/ })
    .click();
  await page.waitForURL(/\/orders\//);
}

export const confirmed = (page: Page): Locator =>
  page.getByRole('heading', { name: /^(예매가 완료되었습니다|The seats are yours)$/ });
