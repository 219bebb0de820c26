import { act, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { LiveRegion } from '@/app/LiveRegion';
import { announce } from './announce';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const settle = () => act(() => vi.advanceTimersByTime(200));

it('joins what is said at once, and says the same words again', () => {
  render(<LiveRegion />);
  announce('C12 was taken.');
  announce('C13 was taken.');
  announce('C12 was taken.');
  settle();
  const region = screen.getByRole('status');
  expect(region.textContent).toBe('C12 was taken. C13 was taken.');
  announce('C12 was taken.');
  settle();
  const first = region.textContent;
  announce('C12 was taken.');
  settle();
  expect(region).toHaveTextContent('C12 was taken.');
  expect(region.textContent).not.toBe(first);
});

it('keeps what is urgent apart', () => {
  render(<LiveRegion />);
  announce('Your hold has lapsed.', 'assertive');
  settle();
  expect(screen.getByRole('alert')).toHaveTextContent('Your hold has lapsed.');
  expect(screen.getByRole('status')).not.toHaveTextContent('Your hold has lapsed.');
});
