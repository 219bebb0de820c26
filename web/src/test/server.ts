import { HttpResponse, http, type JsonBodyType } from 'msw';
import { setupServer } from 'msw/node';
import { example, hexExample, problemExample, streamExample } from './contract';

export const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';

function headers(more: Record<string, string> = {}): Record<string, string> {
  return { 'Trace-Id': TRACE_ID, 'Cache-Control': 'no-cache', Date: new Date().toUTCString(), ...more };
}

/** A good answer, with the headers that every answer of the office has. */
export function answer(body: unknown, status = 200, more: Record<string, string> = {}) {
  return HttpResponse.json(body as JsonBodyType, { status, headers: headers(more) });
}

/** The contract's error for a code, as the office would answer it. `members` replace the example's. */
export function problem(code: string, members: Record<string, unknown> = {}) {
  const body = { ...problemExample(code), ...members };
  const retry: Record<string, string> =
    body.retryAfter === undefined ? {} : { 'Retry-After': String(body.retryAfter) };
  return HttpResponse.json(body as unknown as JsonBodyType, {
    status: body.status,
    headers: headers({ 'Content-Type': 'application/problem+json', ...retry }),
  });
}

export function stream(text = streamExample()) {
  return new HttpResponse(text, { headers: headers({ 'Content-Type': 'text/event-stream' }) });
}

const CATALOG = '/ticketing/catalog/api/events';
const RESERVATIONS = '/ticketing/reservation/api/reservations';
const ORDERS = '/ticketing/order/api/orders';

/** An office that answers everything with the contract's examples. A test replaces what it is about. */
export const handlers = [
  http.head('/ticketing/catalog/api/actuator/liveness', () => new HttpResponse(null, { headers: headers() })),
  http.get(CATALOG, () => answer(example(CATALOG, 'get', 200))),
  http.get(`${CATALOG}/:eventId`, () => answer(example(`${CATALOG}/{eventId}`, 'get', 200))),
  http.get(`${CATALOG}/:eventId/seats`, ({ request }) => {
    if (request.headers.get('Accept')?.includes('vnd.onsale.seatmap')) {
      const type = 'application/vnd.onsale.seatmap';
      return new HttpResponse(hexExample(type), {
        headers: headers({ 'Content-Type': type, ETag: '"4294967301"' }),
      });
    }
    return answer(example(`${CATALOG}/{eventId}/seats`, 'get', 200));
  }),
  http.get(`${CATALOG}/:eventId/layout`, ({ request }) => {
    const type = 'application/vnd.onsale.layout';
    if (request.headers.get('Accept')?.startsWith(type)) {
      return new HttpResponse(hexExample(type), { headers: headers({ 'Content-Type': type }) });
    }
    return answer(example(`${CATALOG}/{eventId}/layout`, 'get', 200));
  }),
  http.get(`${CATALOG}/:eventId/seats/stream`, () => stream()),
  http.get(RESERVATIONS, () => answer(example(RESERVATIONS, 'get', 200))),
  http.post(RESERVATIONS, () => answer(example(RESERVATIONS, 'post', 201), 201)),
  http.delete(
    `${RESERVATIONS}/:eventId/:seatId`,
    () => new HttpResponse(null, { status: 204, headers: headers() }),
  ),
  http.post(`${RESERVATIONS}/:eventId/:seatId/extend`, () =>
    answer(example(`${RESERVATIONS}/{eventId}/{seatId}/extend`, 'post', 200)),
  ),
  http.post(ORDERS, () => answer(example(ORDERS, 'post', 201), 201)),
  http.get(ORDERS, () => answer(example(ORDERS, 'get', 200))),
  http.get(`${ORDERS}/:orderId`, () => answer(example(`${ORDERS}/{orderId}`, 'get', 200))),
];

export const server = setupServer(...handlers);
