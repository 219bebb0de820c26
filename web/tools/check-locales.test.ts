import { describe, expect, it } from 'vitest';
import { compare } from './check-locales';

describe('the texts of both languages', () => {
  it('finds a missing key on either side, an empty text and a value that one side forgot', () => {
    const ko = { a: '가', b: { c: '{{seat}}석' }, d: ' ' };
    const en = { a: 'A', b: { c: 'seats' }, e: 'E' };
    expect(compare('x.json', 'ko', ko, 'en', en)).toEqual([
      'ko/x.json: d is empty',
      'x.json: b.c has other {{values}} in ko and en',
      'en/x.json: d is missing',
      'ko/x.json: e is missing',
    ]);
  });

  it('takes plural forms as one key, for Korean has one form and English two', () => {
    expect(
      compare('x.json', 'ko', { left_other: '{{count}}석' }, 'en', {
        left_one: '{{count}} seat',
        left_other: '{{count}} seats',
      }),
    ).toEqual([]);
  });
});
