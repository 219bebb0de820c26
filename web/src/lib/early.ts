/** What start.ts asked for before the page's own script was there. Each answer is taken up once, and soon or never. */
export interface Early {
  response: Promise<Response>;
  /** When it was asked, on the monotonic clock. */
  at: number;
}

/** The plan of a large hall, as a worker that start.ts began has read it; `undefined` in it when that went wrong. */
export interface EarlyPlan {
  /** Path and query of the layout. */
  path: string;
  read: Promise<unknown>;
}

declare global {
  var onsaleEarly: Map<string, Early> | undefined;
  var onsaleEarlyPlan: EarlyPlan | undefined;
}

const FRESH_MS = 15_000;

function keyOf(request: Request): string {
  const accept = request.headers.get('Accept');
  return `${request.url} ${accept === null || accept === '*/*' ? '' : accept}`;
}

function find(request: Request): Early | undefined {
  if (request.method !== 'GET') return undefined;
  const found = globalThis.onsaleEarly?.get(keyOf(request));
  return found && performance.now() - found.at < FRESH_MS ? found : undefined;
}

/** When this request left, if it left early. */
export function leftEarly(request: Request): number | undefined {
  return find(request)?.at;
}

/** The answer to what was asked early. One that did not come is no reason not to ask again. */
export function takeEarly(request: Request, ask: () => Promise<Response>): Promise<Response> {
  const found = find(request);
  if (!found) return ask();
  globalThis.onsaleEarly?.delete(keyOf(request));
  return found.response.catch(ask);
}

/** What was made early of the layout at this path and query, once. */
export function takeEarlyPlan(path: string): Promise<unknown> | undefined {
  const plan = globalThis.onsaleEarlyPlan;
  if (plan?.path !== path) return undefined;
  globalThis.onsaleEarlyPlan = undefined;
  return plan.read;
}
