import { api, ask } from '@/lib/api';
import { takeEarlyPlan } from '@/lib/early';
import { ok, type Result } from '@/lib/result';

// The compact form; JSON from an office that has no other. start.ts asks by the same words.
const FORMS = 'application/vnd.onsale.layout, application/json;q=0.5';

export interface LayoutAnswer {
  // In either form, not yet read: a stadium's is read by a worker.
  readonly bytes: ArrayBuffer;
  readonly traceId: string;
  // What a worker has made of these bytes already, if one was asked before the page was there.
  readonly made?: Promise<unknown> | undefined;
}

// The plan of a hall. With the event's present hash the browser keeps it for ever.
export async function getLayout(
  eventId: number,
  hash: string | undefined,
  signal: AbortSignal,
): Promise<Result<LayoutAnswer>> {
  const call = api.GET('/ticketing/catalog/api/events/{eventId}/layout', {
    params: { path: { eventId }, query: hash === undefined ? {} : { hash } },
    headers: { Accept: FORMS },
    parseAs: 'arrayBuffer',
    signal,
  });
  const answer = await ask<ArrayBuffer>(call);
  if (!answer.ok) return answer;
  const { response } = await call;
  return ok({
    bytes: answer.value,
    traceId: response.headers.get('Trace-Id') ?? '',
    made:
      hash === undefined
        ? undefined
        : takeEarlyPlan(`/ticketing/catalog/api/events/${eventId}/layout?hash=${encodeURIComponent(hash)}`),
  });
}
