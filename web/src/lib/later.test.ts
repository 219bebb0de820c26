import { expect, it, vi } from 'vitest';
import { later } from './later';
import { problemOf } from './problem';

it('asks once more for a part that did not come', async () => {
  const load = vi
    .fn()
    .mockRejectedValueOnce(new TypeError('Failed to fetch'))
    .mockResolvedValue({ default: 1 });
  expect(await later(load)).toEqual({ default: 1 });
});

it('makes a part that stays away a problem like any other', async () => {
  const failed = later(() => Promise.reject(new TypeError('Failed to fetch')));
  expect(problemOf(await failed.catch((error: unknown) => error)).code).toBe('NETWORK');
});
