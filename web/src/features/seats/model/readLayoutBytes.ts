// The layout as it came over the wire, in either form: the same for whoever reads it, the page or its worker.

import { isCompact, readCompact } from './readCompact';
import { type LayoutRead, readLayout } from './readLayout';

// So large (some 4,000 seats) that a worker should read it.
const JSON_AT_ONCE_BYTES_MAX = 200_000;
const COMPACT_AT_ONCE_BYTES_MAX = 25_000;

export function isLarge(bytes: ArrayBuffer): boolean {
  const most = isCompact(new Uint8Array(bytes)) ? COMPACT_AT_ONCE_BYTES_MAX : JSON_AT_ONCE_BYTES_MAX;
  return bytes.byteLength > most;
}

export function readLayoutBytes(buffer: ArrayBuffer): LayoutRead {
  const bytes = new Uint8Array(buffer);
  if (isCompact(bytes)) {
    const read = readCompact(bytes);
    return read ? readLayout(read.head, read.seats) : { ok: false, fault: 'notALayout' };
  }
  let answer: unknown;
  try {
    answer = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return { ok: false, fault: 'notALayout' };
  }
  return readLayout(answer);
}
