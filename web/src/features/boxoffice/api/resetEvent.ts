import { api, ask } from '@/lib/api';
import type { Result } from '@/lib/result';
import { integer, record, text } from '@/lib/shape';

export interface Reset {
  eventId: number;
  /** The feed's version afterwards. */
  version: number;
  traceId: string;
}

/** Puts an event back to its beginning: open orders are cancelled, every hold and sale ends. */
export function resetEvent(eventId: number, credential: string): Promise<Result<Reset>> {
  return ask<Reset>(
    api.POST('/ticketing/reservation/api/internal/admin/reset', {
      body: { eventId },
      headers: { Authorization: `Bearer ${credential}` },
    }),
    record({ eventId: integer, version: integer, traceId: text }),
  );
}
