import { describe, expect, it } from 'vitest';
import { daysUntil, formatCountdown, formatDateTime, formatPrice } from './format';

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
});

describe('daysUntil', () => {
  it('counts the days of the calendar, as people do', () => {
    const evening = new Date(2026, 10, 22, 23, 30).getTime();
    expect(daysUntil(new Date(2026, 10, 23, 0, 15).toISOString(), evening)).toBe(1);
    expect(daysUntil(new Date(2026, 10, 25, 8, 0).toISOString(), evening)).toBe(3);
    expect(daysUntil(new Date(2026, 10, 22, 23, 59).toISOString(), evening)).toBe(0);
  });
});
