import { describe, expect, it } from 'vitest';
import { currency, flag, integer, listOf, number, oneOf, optional, record, text, time } from './shape';

describe('a check', () => {
  it('says nothing when all is well, and ignores members it does not name', () => {
    const check = record({ id: integer, name: optional(text), on: flag, x: number });
    expect(check({ id: 0, on: true, x: -1.5, more: 'of a newer office' }, 'a')).toBeUndefined();
  });

  it.each([
    [integer, 1.5],
    [integer, -1],
    [integer, 2 ** 53],
    [integer, '1'],
    [number, Number.NaN],
    [text, null],
    [flag, 'true'],
    [time, 'tomorrow'],
    [currency, 'won'],
    [oneOf(['A', 'B']), 'C'],
    [listOf(text), { 0: 'a' }],
    [record({}), []],
    [record({}), null],
  ])('finds what is wrong (%#)', (check, value) => {
    expect(check(value, 'here')).toMatch(/^here is n/);
  });

  it('names the place of the first fault', () => {
    const check = listOf(record({ seats: listOf(record({ id: integer })) }));
    expect(check([{ seats: [] }, { seats: [{ id: 1 }, {}] }], 'plan')).toBe(
      'plan[1].seats[1].id is no whole number',
    );
  });
});
