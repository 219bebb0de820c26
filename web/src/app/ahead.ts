/** What comes after the first load, and when it is asked for: as soon as it is known that it will be wanted. */
export const parts = {
  hall: () => import('./parts/hall'),
  order: () => import('./parts/order'),
  tickets: () => import('./parts/tickets'),
  boxoffice: () => import('./parts/boxoffice'),
};

type Part = keyof typeof parts;

const ADDRESSES: readonly (readonly [string, Part])[] = [
  ['/events/', 'hall'],
  ['/orders/', 'order'],
  ['/tickets', 'tickets'],
  ['/box-office', 'boxoffice'],
];

/** Whoever renders it asks again, and is told what went wrong. */
function ask(part: Part): void {
  parts[part]().catch(() => undefined);
}

/** The part that this address needs travels while React begins. */
export function askForPageAt(pathname: string): void {
  const found = ADDRESSES.find(([start]) => pathname.startsWith(start));
  if (found) ask(found[1]);
}

const IDLE_MS = 2000;

/** Whoever reads the list of events goes to a hall next: its part comes when the browser has nothing to do. */
export function askForHallSoon(): () => void {
  // Safari has no requestIdleCallback.
  if (!('requestIdleCallback' in window)) {
    const timer = setTimeout(() => ask('hall'), IDLE_MS);
    return () => clearTimeout(timer);
  }
  const idle = requestIdleCallback(() => ask('hall'), { timeout: IDLE_MS });
  return () => cancelIdleCallback(idle);
}
