import { describe, expect, it } from 'vitest';
import { example } from '@/test/contract';
import { type EventSummary, isScarce, readEvent, saleState } from './event';
import { findEvents, initials, matches, readShow } from './find';

const NOW = Date.parse('2026-11-22T18:00:00.000Z');
const [told] = example<EventSummary[]>('/ticketing/catalog/api/events', 'get', 200);
if (!told) throw new Error('The contract has no event.');
const event: EventSummary = told;

describe('readEvent', () => {
  it('reads the contract’s own', () => expect(readEvent(event)).toEqual(event));

  it('keeps an event whose status is newer than this page', () => {
    expect(readEvent({ ...event, status: 'POSTPONED' })?.status).toBe('UNKNOWN');
  });

  it('gives an event without a title a name', () =>
    expect(readEvent({ ...event, title: ' ' })?.title).toBe('#1'));

  it.each([
    null,
    [],
    'event',
    {},
    { ...event, id: '1' },
    { ...event, available: -1 },
    { ...event, minPrice: 1e300 },
    { ...event, dateTime: 'soon' },
    { ...event, currency: 'won' },
    { ...event, title: undefined },
  ])('refuses what is no event (%#)', (value) => expect(readEvent(value)).toBeUndefined());
});

describe('saleState', () => {
  const at = (changes: Partial<EventSummary>, now = NOW) => saleState({ ...event, ...changes }, now);

  it('says what a buyer may expect', () => {
    expect(at({})).toBe('open');
    expect(at({ available: 0 })).toBe('soldOut');
    expect(at({ status: 'CLOSED' })).toBe('closed');
    expect(at({ status: 'UNKNOWN' })).toBe('unknown');
    expect(at({ dateTime: '2026-11-22T17:59:59.000Z' })).toBe('past');
    expect(at({ status: 'ANNOUNCED', onSaleAt: '2026-11-22T18:00:01.000Z' })).toBe('soon');
  });

  it('opens in the second the office opens, before it has said so', () => {
    const soon: Partial<EventSummary> = { status: 'ANNOUNCED', onSaleAt: '2026-11-22T18:00:01.000Z' };
    expect(at(soon, NOW + 999)).toBe('soon');
    expect(at(soon, NOW + 1000)).toBe('open');
  });

  it('says that few are left, of a small hall and of a large one', () => {
    expect(isScarce({ ...event, seatCount: 100, available: 12 })).toBe(true);
    expect(isScarce({ ...event, seatCount: 50_000, available: 5000 })).toBe(true);
    expect(isScarce({ ...event, seatCount: 50_000, available: 5001 })).toBe(false);
    expect(isScarce({ ...event, seatCount: 100, available: 0 })).toBe(false);
  });
});

describe('finding', () => {
  const jazz = { ...event, id: 2, title: '한강 재즈의 밤', venue: '온세일 소극장', description: '5중주' };

  it.each(['재즈', '한강재즈', 'ㅎㄱ', 'ㅈㅈ ㅅㄱㅈ', '소극장 5중주', ' '])('finds by %j', (query) => {
    expect(matches(jazz, query)).toBe(true);
  });

  it('takes letters of any width and case', () => {
    expect(matches({ ...event, title: 'ＪＡＺＺ Night' }, 'jazz')).toBe(true);
  });

  it('does not find what is not there', () => {
    expect(matches(jazz, '뮤지컬')).toBe(false);
    expect(matches(jazz, 'ㅁㅈㅋ')).toBe(false);
  });

  it('knows the first consonants', () => expect(initials('뮤지컬 A')).toBe('ㅁㅈㅋ A'));

  it('shows what can be bought first, and what is over only when asked', () => {
    const soldOut = { ...event, id: 3, available: 0 };
    const soon: EventSummary = { ...event, id: 4, status: 'ANNOUNCED', onSaleAt: '2026-12-01T00:00:00.000Z' };
    const later = { ...event, id: 5, dateTime: '2028-01-01T00:00:00.000Z' };
    const ids = (show: string) =>
      findEvents([soldOut, soon, later, event], '', readShow(show), NOW).map((one) => one.id);
    expect(ids('all')).toEqual([1, 5, 4, 3]);
    expect(ids('open')).toEqual([1, 5]);
    expect(ids('soon')).toEqual([4]);
    expect(ids('over')).toEqual([3]);
    expect(ids('nonsense')).toEqual([1, 5, 4, 3]);
  });

  it('stays quick with titles of absurd length', () => {
    const long = { ...event, title: '가'.repeat(10_000) };
    const before = performance.now();
    findEvents(
      Array.from({ length: 500 }, (_, id) => ({ ...long, id })),
      'ㄴ',
      'all',
      NOW,
    );
    expect(performance.now() - before).toBeLessThan(2000);
  });
});
