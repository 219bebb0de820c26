/**
 * Runs before everything else, from a file of its own that is small enough to be there first: what the page at this
 * address will need begins to travel now, beside the first load, instead of after it. Nothing is imported, for that
 * would be one more way there and back. What was asked here is taken up by lib/api (lib/early).
 */
import type { Early } from './lib/early';

const MAP = 'application/vnd.onsale.seatmap';
const LAYOUT = 'application/vnd.onsale.layout, application/json;q=0.5';
const HASH_KEY = 'onsale.layout.';
const AT_ONCE_SEATS_MAX = 4000; // as features/seats has it

const early: Map<string, Early> = new Map();
Object.assign(globalThis, { onsaleEarly: early });

function ask(path: string, accept?: string): Promise<Response> {
  const { href } = new URL(path, location.origin);
  const headers: HeadersInit = accept === undefined ? {} : { Accept: accept };
  const response = fetch(href, { headers, credentials: 'same-origin' });
  // Whoever takes it up is told what went wrong.
  response.catch(() => undefined);
  early.set(`${href} ${accept ?? ''}`, { response, at: performance.now() });
  return response;
}

/** The files of the page's part, as index.html names them: `<meta name="part" content="/address/ /file …">`. */
function askForPart(): void {
  for (const { content } of document.querySelectorAll<HTMLMetaElement>('meta[name="part"]')) {
    const [address = '', ...files] = content.split(' ');
    if (!location.pathname.startsWith(address)) continue;
    for (const file of files) {
      const link = document.createElement('link');
      link.rel = file.endsWith('.css') ? 'preload' : 'modulepreload';
      if (file.endsWith('.css')) link.as = 'style';
      link.crossOrigin = '';
      link.href = file;
      document.head.append(link);
    }
  }
}

interface Listed {
  id?: unknown;
  layoutHash?: unknown;
  seatCount?: unknown;
}

/** The hash of the plan is in the list of events; whoever was here before knows it. */
async function askForLayout(eventId: number, list: Promise<Response>): Promise<void> {
  let hash: string | null = null;
  let seats: unknown;
  try {
    hash = localStorage.getItem(HASH_KEY + eventId);
    if (hash === null) {
      const told: unknown = await (await list).clone().json();
      const event = Array.isArray(told) ? told.find((one: Listed | null) => one?.id === eventId) : undefined;
      if (typeof event?.layoutHash === 'string') hash = event.layoutHash;
      seats = event?.seatCount;
      if (hash !== null) localStorage.setItem(HASH_KEY + eventId, hash);
    }
  } catch {
    // The page asks for itself, and tells what goes wrong.
  }
  if (hash === null) return;
  const path = `/ticketing/catalog/api/events/${eventId}/layout?hash=${encodeURIComponent(hash)}`;
  const layout = ask(path, LAYOUT);
  if (typeof seats === 'number' && seats > AT_ONCE_SEATS_MAX) readEarly(path, layout);
}

/** A large plan is read by its worker while the first load still travels. Where that fails the page reads it. */
function readEarly(path: string, layout: Promise<Response>): void {
  const file = document.querySelector<HTMLMetaElement>('meta[name="plan-worker"]')?.content;
  if (!file || typeof Worker === 'undefined') return;
  const read = (async () => {
    const worker = new Worker(file, { type: 'module', name: 'plan' });
    try {
      const told = new Promise((resolve) => {
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = () => resolve(undefined);
      });
      const response = await layout;
      if (!response.ok) return undefined;
      worker.postMessage(await response.clone().arrayBuffer());
      return await told;
    } catch {
      return undefined;
    } finally {
      worker.terminate();
    }
  })();
  read.catch(() => undefined);
  Object.assign(globalThis, { onsaleEarlyPlan: { path, read } });
}

/** What stands before the page's script is there (index.html) already has the theme that was chosen. */
function applyChosenTheme(): void {
  try {
    const chosen = localStorage.getItem('onsale.theme');
    if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
  } catch {
    // As the device wishes, then.
  }
}

applyChosenTheme();
askForPart();
const list = ask('/ticketing/catalog/api/events'); // every page begins with this answer
const eventId = Number(/^\/events\/(\d{1,15})\/?$/.exec(location.pathname)?.[1]);
if (eventId > 0) {
  document.querySelector('#root header > div')?.classList.add('max-w-none');
  void askForLayout(eventId, list);
  ask(`/ticketing/catalog/api/events/${eventId}/seats`, MAP);
  ask(`/ticketing/reservation/api/reservations?eventId=${eventId}`);
}
