import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { deviceAheadMs, forgetServerClock, noteServerDate, serverNow } from './clock';

const OFFICE = Date.parse('2026-11-22T18:00:00.000Z');
const DAY = 86_400_000;

function dated(ms: number, headers: Record<string, string> = {}): Response {
  return new Response(null, { headers: { Date: new Date(ms).toUTCString(), ...headers } });
}

describe('the office’s clock', () => {
  let mono = 0;

  beforeEach(() => {
    mono = 1000;
    vi.useFakeTimers({ toFake: ['Date'] });
    vi.spyOn(performance, 'now').mockImplementation(() => mono);
    forgetServerClock();
  });
  afterEach(() => vi.useRealTimers());

  function officeAt(ms: number): number {
    return OFFICE + ms;
  }

  it.each([-DAY, 0, DAY])('is right within half a second after one answer, the device %i ms off', (off) => {
    vi.setSystemTime(OFFICE + off);
    noteServerDate(dated(officeAt(0)), mono - 40);
    expect(Math.abs(serverNow() - officeAt(500))).toBeLessThanOrEqual(540);
    expect(deviceAheadMs() / DAY).toBeCloseTo(off / DAY, 3);
  });

  it('narrows with each answer: the Date of each second bounds it from both sides', () => {
    // The office is 250 ms into a second when the first answer is written.
    for (let i = 0; i < 20; i++) {
      const inSecond = 250 + i * 137;
      noteServerDate(dated(officeAt(inSecond)), mono - 20);
      mono += 137;
    }
    expect(Math.abs(serverNow() - officeAt(250 + 20 * 137))).toBeLessThan(150);
  });

  it('counts on without the device’s clock, which its owner sets back meanwhile', () => {
    vi.setSystemTime(OFFICE);
    noteServerDate(dated(officeAt(0)), mono);
    const before = serverNow();
    vi.setSystemTime(OFFICE - DAY);
    mono += 5000;
    expect(serverNow() - before).toBe(5000);
  });

  it('believes the newest answer when the office’s clock was set', () => {
    noteServerDate(dated(officeAt(0)), mono);
    mono += 1000;
    noteServerDate(dated(officeAt(3_600_000)), mono);
    expect(Math.abs(serverNow() - officeAt(3_600_500))).toBeLessThanOrEqual(500);
  });

  it('does not learn the time from an answer that a cache may have kept, nor from nonsense', () => {
    vi.setSystemTime(OFFICE);
    noteServerDate(dated(OFFICE - DAY, { 'Cache-Control': 'public, max-age=31536000, immutable' }), mono);
    noteServerDate(new Response(null, { headers: { Date: 'yesterday' } }), mono);
    expect(serverNow()).toBe(OFFICE);
  });

  it('makes good what the monotonic clock missed while the device slept', () => {
    vi.setSystemTime(OFFICE);
    noteServerDate(dated(officeAt(0)), mono);
    const before = serverNow();
    const visibility = vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden');
    document.dispatchEvent(new Event('visibilitychange'));
    vi.setSystemTime(OFFICE + 600_000);
    mono += 1000;
    visibility.mockReturnValue('visible');
    document.dispatchEvent(new Event('visibilitychange'));
    expect(serverNow() - before).toBe(600_000);
  });
});
