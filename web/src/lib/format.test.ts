import { describe, expect, it } from 'vitest';
import {
  daysUntil,
  formatClock,
  formatCountdown,
  formatDateParts,
  formatDateTime,
  formatMoment,
  formatPrice,
} from './format';

describe('formatPrice', () => {
  it('writes won as Koreans and as English readers do', () => {
    expect(formatPrice(50000, 'KRW', 'ko')).toBe('50,000원');
    expect(formatPrice(50000, 'KRW', 'en')).toBe('₩50,000');
  });

  it('shows a currency nobody knows as it came', () => {
    expect(formatPrice(1200, 'no', 'en')).toBe('1,200 no');
  });
});

describe('formatCountdown', () => {
  it('rounds up, so that nothing is left only when it is over', () => {
    expect(formatCountdown(249_001)).toBe('4:10');
    expect(formatCountdown(1)).toBe('0:01');
    expect(formatCountdown(0)).toBe('0:00');
    expect(formatCountdown(-5000)).toBe('0:00');
    expect(formatCountdown(3_849_000)).toBe('1:04:09');
  });
});

describe('formatDateTime', () => {
  it('leaves what is no date as it is', () => {
    expect(formatDateTime('soon', 'ko')).toBe('soon');
  });

  const evening = new Date(2027, 2, 1, 19, 5);

  it('says a date as people of the language write it, the year where it is not this one', () => {
    expect(formatDateTime(evening.toISOString(), 'ko')).toBe('2027년 3월 1일 (월) 오후 7:05');
    expect(formatDateTime(evening.toISOString(), 'en')).toBe('Mon, Mar 1, 2027, 7:05 PM');
    const sameYear = new Date(2027, 0, 1).getTime();
    expect(formatMoment(evening.toISOString(), 'ko', sameYear)).toBe('3월 1일 (월) 오후 7:05');
    expect(formatMoment(evening.toISOString(), 'en', sameYear)).toBe('Mon, Mar 1, 7:05 PM');
    expect(formatMoment(evening.toISOString(), 'en', new Date(2026, 0, 1).getTime())).toContain('2027');
    expect(formatClock(new Date(2027, 2, 1, 0, 5, 9).getTime())).toBe('00:05:09');
  });

  it.each(['ko', 'en'])(
    'knows the names that %s has for months, days and hours, as the browser does',
    (lang) => {
      const part = (at: Date, options: Intl.DateTimeFormatOptions) =>
        new Intl.DateTimeFormat(lang, options).format(at).replace(/\s/g, ' ');
      for (let i = 0; i < 366; ++i) {
        const at = new Date(2028, 0, 1 + i, i % 24, i % 60);
        expect(formatDateParts(at.toISOString(), lang)).toEqual({
          year: part(at, { year: 'numeric' }),
          month: part(at, { month: 'short' }),
          day: String(at.getDate()),
          weekday: part(at, { weekday: 'short' }),
          time: part(at, { hour: 'numeric', minute: '2-digit' }),
        });
      }
    },
  );
});

describe('daysUntil', () => {
  it('counts the days of the calendar, as people do', () => {
    const evening = new Date(2026, 10, 22, 23, 30).getTime();
    expect(daysUntil(new Date(2026, 10, 23, 0, 15).toISOString(), evening)).toBe(1);
    expect(daysUntil(new Date(2026, 10, 25, 8, 0).toISOString(), evening)).toBe(3);
    expect(daysUntil(new Date(2026, 10, 22, 23, 59).toISOString(), evening)).toBe(0);
  });
});
