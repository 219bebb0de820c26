import { describe, expect, it } from 'vitest';
import { example, hexExample } from '@/test/contract';
import { UNPLACED } from './plan';
import { readLayout } from './readLayout';
import { readLayoutBytes } from './readLayoutBytes';
import { compactBytes, compactOf, difference, layoutOf } from './testPlan';

const REFUSED = { ok: false, fault: 'notALayout' };
const read = (bytes: Uint8Array<ArrayBuffer>) => readLayoutBytes(bytes.slice().buffer);
const headOf = (seats: unknown) => ({
  ...layoutOf(1, 1),
  sections: [{ name: 'A', x: 0, y: 0, rows: [{ name: '1', seats }], areas: [] }],
  seatNames: ['1', '2'],
});

/** Curved rows of all lengths, a wheelchair's place, a name that comes again. */
function theatre() {
  const layout = layoutOf(3, 5);
  const rows = [6, 9, 0, 4, 1, 2, 9].map((count, r) => ({
    name: `R${r}`,
    seats: Array.from({ length: count }, (_, c) => ({
      id: 1_000_000_007 + (r * 20 + c) * 3,
      name: c === 3 ? '12a' : String(count - c),
      x: Math.round(Math.cos(c / 9 + r) * 1e6) / 1000,
      y: Math.round(Math.sin(c / 9 + r) * 1e6) / 1000,
      tier: 1 + (c % 2),
      ...(c === 2 ? { wheelchair: true } : {}),
    })),
  }));
  return { ...layout, sections: layout.sections.flatMap((each) => [each, { ...each, name: 'B', rows }]) };
}
describe('the compact form of a layout', () => {
  it('of the contract is the plan that its JSON is', () => {
    const json = readLayout(example('/ticketing/catalog/api/events/{eventId}/layout', 'get', 200));
    expect(json.ok).toBe(true);
    expect(read(hexExample('application/vnd.onsale.layout'))).toEqual(json);
  });

  it.each([
    ['even rows', layoutOf(7, 9)],
    ['one seat', layoutOf(1, 1)],
    ['no seat', layoutOf(0, 0)],
    ['curves', theatre()],
  ])('says what the JSON says: %s', (_, layout) => {
    expect(read(compactOf(layout))).toEqual(readLayout(layout));
  });

  it('that was cut off anywhere, or goes on, is refused', () => {
    const whole = compactOf(layoutOf(2, 3));
    for (let size = 0; size < whole.length; ++size) expect(read(whole.slice(0, size))).toEqual(REFUSED);
    expect(read(Uint8Array.from([...whole, 0]))).toEqual(REFUSED);
  });

  it('of a version that is not known is refused', () => {
    const next = compactOf(layoutOf(2, 3));
    next[3] = 50;
    expect(read(next)).toEqual(REFUSED);
  });

  it.each([1e9, 1e15, 2 ** 60, -1, 1.5, '1', null, [], undefined])(
    'with a row of %s seats is refused, and no memory is asked for',
    (seats) => {
      expect(read(compactBytes(headOf(seats), [2, 0, 0, 0, 2]))).toEqual(REFUSED);
    },
  );

  it('whose head is longer than the body, or none, is refused', () => {
    const whole = compactOf(layoutOf(2, 3));
    for (const size of [whole.length - 7, 2 ** 31, 2 ** 32 - 1]) {
      new DataView(whole.buffer).setUint32(4, size, true);
      expect(read(whole)).toEqual(REFUSED);
    }
    for (const head of [null, 7, 'hall', [], {}, { sections: [7] }, { sections: [{ rows: [7] }] }]) {
      expect(read(compactBytes(head, []))).toEqual(REFUSED);
    }
  });

  it('keeps a seat at an absurd place out of the picture but in the list', () => {
    const columns = [2, 2, 0, 2]; // ids 1 and 2, names 0 and 1
    difference(columns, 1e14);
    difference(columns, -2e14);
    columns.push(0, 0, 2, 2);
    const plan = read(compactBytes(headOf(2), columns));
    expect(plan.ok && [...plan.plan.flags]).toEqual([UNPLACED, UNPLACED]);
    expect(plan.ok && plan.plan.faults).toEqual([{ kind: 'badCoordinates', count: 2 }]);
  });

  it('with a number that no number is, is refused', () => {
    const endless = Array<number>(12).fill(255);
    expect(read(compactBytes(headOf(1), [2, 0, ...endless, 1, 0, 2]))).toEqual(REFUSED);
  });

  it('with a name that is not in its list leaves the seat nameless', () => {
    const plan = read(compactBytes(headOf(1), [2, 14, 0, 0, 2]));
    expect(plan.ok && plan.plan.names).toEqual(['']);
  });

  it('with any byte changed is read or refused, never an exception', () => {
    const whole = compactOf(theatre());
    for (let at = 0; at < whole.length; ++at) {
      for (const value of [0, 127, 255]) {
        const changed = whole.slice();
        changed[at] = value;
        expect(typeof read(changed).ok).toBe('boolean');
      }
    }
  });
});
