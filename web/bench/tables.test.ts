import { expect, it } from 'vitest';
import { median, tables } from './tables';

const visit = {
  paintMs: 400,
  readyMs: 900,
  interactiveMs: 950,
  longestMs: 80,
  kilobytes: 101.4,
  requests: 5,
};
const phase = {
  name: 'seats, panning',
  seconds: 5,
  frames: 299,
  p50: 16.7,
  p95: 16.8,
  p99: 33.4,
  onTime: 0.98,
  longTasks: 1,
  longestMs: 61,
  busy: 0.42,
};
const nothing = {
  slow: 4,
  changesPerSecond: 500,
  frames: [],
  ready: [],
  memory: undefined,
  weight: [],
};

it('tells a visit by its median and range', () => {
  const visits = [visit, { ...visit, interactiveMs: 990 }, { ...visit, interactiveMs: 2100 }];
  const told = tables({ ...nothing, ready: [{ what: 'the events', visits }] });
  expect(told).toContain(
    '| the events | 400 (400–400) | 900 (900–900) | 990 (950–2100) | 80 (80–80) | 101 | 5 |',
  );
});

it('tells what it has, and nothing of what was not measured', () => {
  expect(tables(nothing)).toBe('');
  const told = tables({
    ...nothing,
    frames: [{ seats: 50_000, changesPerSecond: 498.6, phases: [phase] }],
    memory: { seats: 80_000, changes: 1_800_000, seconds: 150, beforeMb: 21.53, afterMb: 21.5 },
    weight: [{ what: 'first load', bytes: 102_400 }],
  });
  expect(told).toContain(
    '| 50,000 | 499 | seats, panning | 60 | 16.7 | 16.8 | 33.4 | 98 % | 1 | 61 | 42 % |',
  );
  expect(told).toContain(
    '21.5 MiB, and 21.5 MiB after 1,800,000 changes (those of 1.00 h at 500/s, in 150 s)',
  );
  expect(told).toContain('| first load | 100.0 |');
  expect(told).not.toContain('A visit');
});

it('has a median of one and of none', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([])).toBe(0);
});
