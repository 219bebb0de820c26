import { api, ask } from '@/lib/api';
import type { Result } from '@/lib/result';

const MAP = 'application/vnd.onsale.seatmap';
const DELTA = 'application/vnd.onsale.seatdelta';

// The binary map; with `since` what changed after that version, if the office still knows it.
export async function getSeatMap(
  eventId: number,
  since: number | undefined,
  signal: AbortSignal,
): Promise<Result<ArrayBuffer>> {
  return ask<ArrayBuffer>(
    // The contract's type of this call is its JSON form; the bytes are asked for by Accept.
    api.GET('/ticketing/catalog/api/events/{eventId}/seats', {
      params: { path: { eventId }, query: since === undefined ? {} : { since } },
      headers: { Accept: since === undefined ? MAP : `${DELTA}, ${MAP}` },
      parseAs: 'arrayBuffer',
      signal,
    }),
  );
}
