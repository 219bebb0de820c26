// The layout as it came over the wire: the same for whoever reads it, the page or its worker.

import { type LayoutRead, readLayout } from './readLayout';

export function readLayoutBytes(bytes: ArrayBuffer): LayoutRead {
  let answer: unknown;
  try {
    answer = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return { ok: false, fault: 'notALayout' };
  }
  return readLayout(answer);
}
