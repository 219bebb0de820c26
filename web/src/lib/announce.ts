import { useSyncExternalStore } from 'react';

/**
 * What a screen reader is told. The shell has one live region of each politeness (LiveRegion); everything
 * else speaks through `announce`. Several at once are joined, so that none is swallowed; the same words twice
 * are made different by an invisible character, for a region that did not change is not read again.
 */
export type Politeness = 'polite' | 'assertive';

interface Spoken {
  polite: string;
  assertive: string;
}

const GATHER_MS = 150;

let spoken: Spoken = { polite: '', assertive: '' };
let waiting: { text: string; politeness: Politeness }[] = [];
let gathering = false;
const listeners = new Set<() => void>();

export function announce(text: string, politeness: Politeness = 'polite'): void {
  if (text === '') return;
  waiting.push({ text, politeness });
  if (gathering) return;
  gathering = true;
  setTimeout(speak, GATHER_MS);
}

function speak(): void {
  gathering = false;
  const next = { ...spoken };
  for (const politeness of ['polite', 'assertive'] as const) {
    const texts = waiting.filter((one) => one.politeness === politeness).map((one) => one.text);
    if (texts.length === 0) continue;
    const joined = [...new Set(texts)].join(' ');
    next[politeness] = joined === spoken[politeness] ? `${joined}\u00a0` : joined;
  }
  waiting = [];
  spoken = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useAnnounced(): Spoken {
  return useSyncExternalStore(
    subscribe,
    () => spoken,
    () => spoken,
  );
}
