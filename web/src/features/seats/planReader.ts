// Makes a HallPlan of a layout's bytes. 80,000 seats keep a phone's processor busy for most of a second:
// a worker does that, and the page answers to the finger meanwhile. A small hall is read at once, which
// is less than a message there and back.
//
// The worker is begun before the bytes are here, so that nobody waits for its file; at the hall's own address
// start.ts has begun one, and it is not begun twice.

import type { LayoutRead } from './model/readLayout';
import { isLarge, readLayoutBytes } from './model/readLayoutBytes';

export interface PlanReader {
  // `made`: what another worker has made of these bytes, if one was asked.
  read(bytes: ArrayBuffer, made?: Promise<unknown>): Promise<LayoutRead>;
  close(): void;
}

export function openPlanReader(): PlanReader {
  const early = globalThis.onsaleEarlyPlan !== undefined;
  let worker = early ? undefined : begin();
  let failed = worker === undefined;
  let giveUp: () => void = () => {
    failed = true;
  };
  const close = () => {
    worker?.terminate();
    worker = undefined;
  };
  worker?.addEventListener('error', () => giveUp());
  return {
    close,
    async read(bytes, made) {
      const ready = (await made) as LayoutRead | undefined; // our own worker's word
      if (ready) return ready;
      if (failed || !worker || !isLarge(bytes)) return readLayoutBytes(bytes);
      const asked = worker;
      const read = await new Promise<LayoutRead | undefined>((resolve) => {
        giveUp = () => resolve(undefined);
        asked.addEventListener('message', ({ data }: MessageEvent<LayoutRead>) => resolve(data));
        // A copy: should the worker fail, the page still has its own. Copying bytes costs next to nothing.
        asked.postMessage(bytes);
      });
      return read ?? readLayoutBytes(bytes);
    },
  };
}

// Undefined where there are no module workers: then the page reads by itself.
function begin(): Worker | undefined {
  if (typeof Worker === 'undefined') return undefined;
  try {
    return new Worker(new URL('./planWorker.ts', import.meta.url), { type: 'module', name: 'plan' });
  } catch {
    return undefined;
  }
}
