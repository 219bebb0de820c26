import type { ComponentType } from 'react';
import { ADDRESSES, type Part } from './addresses';

/** What comes after the first load, and when it is asked for: as soon as it is known that it will be wanted. */
const parts: Record<Part, () => Promise<{ default: ComponentType; begun?: Promise<void> | undefined }>> = {
  hall: () => import('./parts/hall'),
  order: () => import('./parts/order'),
  tickets: () => import('./parts/tickets'),
  boxoffice: () => import('./parts/boxoffice'),
};

const here = new Map<Part, ComponentType>();

/** The page of a part, if it has come. */
export function pageOf(part: Part): ComponentType | undefined {
  return here.get(part);
}

export async function load(part: Part): Promise<ComponentType> {
  const { default: page } = await parts[part]();
  here.set(part, page);
  return page;
}

/** When it has come, and what it begins with. Whoever renders it asks again, and is told what went wrong. */
async function ask(part: Part): Promise<void> {
  try {
    await load(part);
    await (await parts[part]()).begun;
  } catch {
    // As said.
  }
}

/** The part that this address needs travels while React begins. */
export function askForPageAt(pathname: string): Promise<void> | undefined {
  const found = ADDRESSES.find(([start]) => pathname.startsWith(start));
  return found && ask(found[1]);
}

const IDLE_MS = 2000;

/** Whoever reads the list of events goes to a hall next: its part comes when the browser has nothing to do. */
export function askForHallSoon(): () => void {
  // Safari has no requestIdleCallback.
  if (!('requestIdleCallback' in window)) {
    const timer = setTimeout(() => void ask('hall'), IDLE_MS);
    return () => clearTimeout(timer);
  }
  const idle = requestIdleCallback(() => void ask('hall'), { timeout: IDLE_MS });
  return () => cancelIdleCallback(idle);
}
